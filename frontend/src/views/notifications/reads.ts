import { webhooksOptions } from "@/entities/webhook/queries";
import type { Reads } from "@/lib/api/reads";

export const notificationsReads: Reads = (client) => [client.query(webhooksOptions())];
