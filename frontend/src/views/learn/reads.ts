import { coursesOptions } from "@/entities/course/queries";
import type { Reads } from "@/lib/api/reads";
import type { Locale } from "@/lib/i18n/locale";

export const learnReads =
  (language: Locale): Reads =>
  (client) => [client.query(coursesOptions(language))];
