import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { cn } from "@/lib/cn";

import type { Example } from "../example";
import type { ExampleProps } from "./registry";

/** The classes of a row, as its file writes them. */
export function labelsOf(example: Example): readonly string[] {
  return "labels" in example && Array.isArray(example.labels) ? example.labels.map(String) : [];
}

/** The text of a row. */
export function textOf(example: Example): string {
  return "text" in example && typeof example.text === "string" ? example.text : "";
}

/** A text and what it was told to be. */
export function LabelledExample({ example, clamp }: ExampleProps) {
  const t = useTranslations("datasets.fields");
  const labels = labelsOf(example);
  return (
    <dl className="grid gap-x-3 gap-y-1.5 sm:grid-cols-[5.5rem_minmax(0,1fr)]">
      <dt className="text-xs leading-5 weak:text-ink-3">{t("text")}</dt>
      <dd className={cn("min-w-0 whitespace-pre-wrap", clamp && "line-clamp-3")}>{textOf(example)}</dd>
      <dt className="text-xs leading-5 text-good">{t("label")}</dt>
      <dd className="flex min-w-0 flex-wrap gap-1">
        {labels.map((label) => (
          <Badge key={label}>
            <bdi>{label}</bdi>
          </Badge>
        ))}
        {labels.length === 0 && <span className="text-ink-3">–</span>}
      </dd>
    </dl>
  );
}
