import { useTokenLengths } from "@/entities/dataset/queries";

import type { Base } from "./use-base";

/**
 * How long the rows are before anything is cut, and the ledger at the wanted length. Where nothing is longer than that
 * the two are the same, and are counted once.
 */
export function useLengths(id: string, base: Base, enabled: boolean) {
  const reference = enabled && base.isReady ? base.reference : null;
  const whole = useTokenLengths(id, reference, base.context);
  const uncut = whole.data?.max_length === base.context && whole.data.base_model === base.reference ? whole.data : null;
  const isCut = uncut !== null && uncut.ledger.longest > base.max;
  const cut = useTokenLengths(id, isCut ? reference : null, base.max);
  const isSame = cut.data?.max_length === base.max;
  return {
    bins: whole.data?.bins ?? null,
    quantiles: whole.data?.ledger.length_quantiles ?? {},
    longest: whole.data?.ledger.longest_before_truncation ?? null,
    ledger: isCut ? (cut.data?.ledger ?? null) : (whole.data?.ledger ?? null),
    isCounting: whole.isFetching || (isCut && (cut.isFetching || !isSame)),
    problem: whole.error ?? (isCut ? cut.error : null),
    retry: () => void (whole.error ? whole.refetch() : cut.refetch()),
  };
}

export type Lengths = ReturnType<typeof useLengths>;
