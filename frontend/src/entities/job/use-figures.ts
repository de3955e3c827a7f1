import { useMemo } from "react";

import type { MetricOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

interface Writing {
  format?: (value: number) => string;
  formatTick?: (value: number) => string;
}

/** How the values of curves are written, by what they are. */
export function useFigures() {
  const format = useFormat();
  return useMemo(() => {
    const formatOf = (unit: MetricOut["unit"]): Writing => {
      if (unit === "loss") return { format: (loss) => format.metric(loss, lossDigits(loss)) };
      if (unit === "rate") return { format: rateText };
      return unit === "bytes" ? { format: format.bytes, formatTick: format.bytes } : {};
    };
    const write = (unit: MetricOut["unit"], value: number | undefined): string => {
      if (value === undefined || !Number.isFinite(value)) return "–";
      return (formatOf(unit).format ?? format.metric)(value);
    };
    return { formatOf, write };
  }, [format]);
}

/** A small loss needs a further digit to be seen falling. */
function lossDigits(loss: number): number {
  return Math.abs(loss) < 0.1 ? 4 : 3;
}

/** Learning rates are read by their exponent. */
function rateText(rate: number): string {
  return rate === 0 ? "0" : rate.toExponential(2);
}
