import { jobListOptions } from "@/entities/job/queries";
import { recommendedOptions } from "@/entities/model/discovery";
import { importsOf, MOST_IMPORTS } from "@/entities/model/imports";
import { bookOf } from "@/entities/recipe/book";
import { recipesOptions } from "@/entities/recipe/queries";
import type { Reads } from "@/lib/api/reads";

export const findModelReads: Reads = (client) => [
  client.query(recommendedOptions()),
  client.query(recipesOptions()).then((recipes) => client.infiniteQuery(jobListOptions(importsOf(bookOf(recipes)), MOST_IMPORTS))),
];
