import { useTranslations } from "next-intl";
import type { Route } from "next";

import { Link } from "@/components/ui/link";
import { PersonsName } from "@/components/ui/persons-name";
import { cn } from "@/lib/cn";

interface TagChipsProps {
  tags: readonly string[];
  /** The list that they narrow. */
  list: "/training" | "/datasets" | "/models" | "/chat";
  /** So many, and how many more there are. */
  most?: number;
  className?: string;
}

/** The tags of a thing; each leads to the list of what has it. */
export function TagChips({ tags, list, most = tags.length, className }: TagChipsProps) {
  const t = useTranslations("labels.label");
  if (tags.length === 0) return null;
  const more = tags.length - most;
  return (
    <span className={cn("relative z-10 inline-flex min-w-0 flex-wrap items-center gap-x-1 gap-y-1.5", className)}>
      {tags.slice(0, most).map((tag) => (
        <Link
          key={tag}
          href={`${list}?tag=${encodeURIComponent(tag)}` as Route}
          title={t("tagged", { tag })}
          className="inline-flex h-4.5 max-w-40 min-w-6 items-center justify-center rounded-full bg-hover px-1.5 text-xs text-ink-2 hover:bg-ai-soft hover:text-ai-strong"
        >
          <span className="truncate">
            <PersonsName>{tag}</PersonsName>
          </span>
        </Link>
      ))}
      {more > 0 && <span className="text-xs text-ink-3">{t("more", { count: more })}</span>}
    </span>
  );
}
