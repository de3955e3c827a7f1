import { kindsOptions } from "@/entities/dataset/queries";
import { recipesOptions } from "@/entities/recipe/queries";
import type { Reads } from "@/lib/api/reads";

/** What the list tells of its rows; the rows themselves are read for the frame already. */
export const datasetsReads: Reads = (client) => [client.query(kindsOptions()), client.query(recipesOptions())];
