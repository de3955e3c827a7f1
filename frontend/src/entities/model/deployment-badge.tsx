import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { StateMark } from "@/components/ui/state-badge";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";

import { readGates } from "./gates";

export type Standing = "checking" | "rejected" | "changed" | "gone" | "anyway" | "ready";

/** Where a tuned model stands; `anyway`: a person overruled its checks. */
export function standingOf({ state, gates }: Pick<DeploymentOut, "state" | "gates">): Standing {
  if (state === "checking" || state === "rejected" || state === "changed" || state === "gone") return state;
  return readGates(gates)?.passed ? "ready" : "anyway";
}

const LOOK = {
  checking: { tone: "ai", mark: "running" },
  rejected: { tone: "bad", mark: "failed" },
  changed: { tone: "caution", mark: "failed" },
  gone: { tone: "caution", mark: "failed" },
  anyway: { tone: "caution", mark: "failed" },
  ready: { tone: "good", mark: "completed" },
} as const;

/** Whether a tuned model can be used. */
export function DeploymentBadge({ deployment }: { deployment: DeploymentOut }) {
  const t = useTranslations("models.states");
  const standing = standingOf(deployment);
  const { tone, mark } = LOOK[standing];
  return (
    <Badge tone={tone} mark={<StateMark state={mark} />}>
      {t(standing)}
    </Badge>
  );
}
