import { later } from "@/components/ui/later";

/** That a list shows only what has a tag, and the way back. */
export const TagFilter = later(() => import("./tag-filter-chip").then((module) => module.TagFilterChip));
