import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { VERDICT_MARK, VERDICT_TONE, type Verdict } from "@/entities/forecast/verdict";
import { cn } from "@/lib/cn";

/** Whether a model fits this machine: a word, a colour, and a mark. */
export function FitBadge({ verdict }: { verdict: Verdict }) {
  const t = useTranslations("find.verdicts");
  return (
    <Badge tone={VERDICT_TONE[verdict]} mark={<span aria-hidden className={cn("size-1.5 rounded-full", VERDICT_MARK[verdict])} />}>
      {t(verdict)}
    </Badge>
  );
}
