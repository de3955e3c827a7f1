import { courseOptions, courseProgressOptions } from "@/entities/course/queries";
import type { Reads } from "@/lib/api/reads";
import type { Locale } from "@/lib/i18n/locale";

export const courseReads =
  (level: number, language: Locale): Reads =>
  (client) => [client.query(courseOptions(level, language)), client.query(courseProgressOptions(level))];
