import { useTokenLengths } from "@/entities/dataset/queries";
import { useDebounced } from "@/entities/forecast/use-debounced";
import { useKept } from "@/entities/forecast/use-kept";
import type { BaseModelOut } from "@/lib/api/generated/types.gen";

import type { TrainingForm } from "./use-training-form";

const REST_MS = 400;
const LONGEST = 131_072;

/** none: nothing can be counted before the start · checking: no verdict on this form yet · failed: it could not be had. */
export type Verdict = "none" | "checking" | "known" | "failed";

/** What becomes of the rows, as the form stands; `isOld`: what is known is of an earlier form. */
export function useLedger(form: TrainingForm, models: readonly BaseModelOut[]) {
  const { dataset, base } = form.draft;
  const model = models.find((one) => one.reference === base || one.id === base);
  const isReady = model?.state === "registered";
  const asked = lengthIn(form);
  const maxLength = useDebounced(asked, REST_MS);
  const measured = useTokenLengths(isReady ? dataset : null, base, maxLength);
  const kept = useKept(measured.data);
  const isOld = measured.isPlaceholderData || measured.data === undefined || maxLength !== asked;
  const limit = Math.min(model?.context_length ?? LONGEST, LONGEST);
  const isCut = (measured.data?.ledger.rows_truncated ?? 0) > 0;
  const whole = useTokenLengths(isCut && isReady && !isOld ? dataset : null, base, limit);
  const bins = whole.data && whole.data.ledger.rows_read === kept?.ledger.rows_read ? whole.data.bins : null;
  const failed = measured.error && maxLength === asked ? measured.error : null;
  const verdict = verdictOf({ isCounted: isReady && dataset !== null, isOld, hasFailed: failed !== null });
  return { model, isReady, kept, isOld, limit, bins, verdict, problem: failed, retry: measured.refetch, isFetching: measured.isFetching };
}

export type LedgerFacts = ReturnType<typeof useLedger>;

/** What may be said of the rows now. */
export function verdictOf({ isCounted, isOld, hasFailed }: { isCounted: boolean; isOld: boolean; hasFailed: boolean }): Verdict {
  if (!isCounted) return "none";
  if (hasFailed) return "failed";
  return isOld ? "checking" : "known";
}

/** The setting as it is asked for; undefined (the recipe's own) while it cannot be read. */
function lengthIn(form: TrainingForm): number | undefined {
  const value = form.request.config?.["max_length"];
  return typeof value === "number" ? value : undefined;
}
