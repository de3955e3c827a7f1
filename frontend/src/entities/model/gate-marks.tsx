import { useTranslations } from "next-intl";

import { StateMark } from "@/components/ui/state-badge";
import { cn } from "@/lib/cn";

import { readGates } from "./gates";

/** Both checks in a line: a mark and a word each. */
export function GateMarks({ gates }: { gates: unknown }) {
  const read = readGates(gates);
  if (!read?.parity && !read?.stop) return <span className="text-ink-3">–</span>;
  return (
    <span className="flex flex-wrap gap-x-3">
      {read.parity && <Mark name="parity" passed={read.parity.passed} />}
      {read.stop && <Mark name="stop" passed={read.stop.passed} />}
    </span>
  );
}

function Mark({ name, passed }: { name: "parity" | "stop"; passed: boolean }) {
  const t = useTranslations("models.gates");
  return (
    <span className={cn("inline-flex items-center gap-1 whitespace-nowrap", passed ? "text-good" : "text-bad")}>
      <StateMark state={passed ? "completed" : "failed"} />
      {t(`${name}.name`)}
      <span className="sr-only">{t(passed ? "passed" : "failed")}</span>
    </span>
  );
}
