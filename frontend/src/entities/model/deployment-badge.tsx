import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { StateMark } from "@/components/ui/state-badge";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";

import { readGates } from "./gates";

/** Whether a tuned model can be used: its state, and whether a person overruled its checks. */
export function DeploymentBadge({ deployment }: { deployment: DeploymentOut }) {
  const t = useTranslations("models.states");
  if (deployment.state === "checking") {
    return (
      <Badge tone="ai" mark={<StateMark state="running" />}>
        {t("checking")}
      </Badge>
    );
  }
  if (deployment.state === "rejected") {
    return (
      <Badge tone="bad" mark={<StateMark state="failed" />}>
        {t("rejected")}
      </Badge>
    );
  }
  if (deployment.state === "changed" || deployment.state === "gone") {
    return (
      <Badge tone="caution" mark={<StateMark state="failed" />}>
        {t(deployment.state)}
      </Badge>
    );
  }
  if (!readGates(deployment.gates)?.passed) {
    return (
      <Badge tone="caution" mark={<StateMark state="failed" />}>
        {t("anyway")}
      </Badge>
    );
  }
  return (
    <Badge tone="good" mark={<StateMark state="completed" />}>
      {t("ready")}
    </Badge>
  );
}
