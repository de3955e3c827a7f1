import { useTranslations } from "next-intl";

import { StateMark } from "@/components/ui/state-badge";
import { cn } from "@/lib/cn";

import { readGates } from "./gates";

const NAMES = ["parity", "stop", "identity"] as const;

/** All checks in a line: a mark and a word each. */
export function GateMarks({ gates }: { gates: unknown }) {
  const read = readGates(gates);
  const asked = NAMES.flatMap((name) => (read?.[name] ? [{ name, passed: read[name].passed }] : []));
  if (asked.length === 0) return <span className="text-ink-3">–</span>;
  return (
    <span className="flex flex-wrap gap-x-3">
      {asked.map((gate) => (
        <Mark key={gate.name} {...gate} />
      ))}
    </span>
  );
}

function Mark({ name, passed }: { name: (typeof NAMES)[number]; passed: boolean }) {
  const t = useTranslations("models.gates");
  return (
    <span className={cn("inline-flex items-center gap-1 whitespace-nowrap", passed ? "text-good" : "text-bad")}>
      <StateMark state={passed ? "completed" : "failed"} />
      {t(`${name}.name`)}
      <span className="sr-only">{t(passed ? "passed" : "failed")}</span>
    </span>
  );
}
