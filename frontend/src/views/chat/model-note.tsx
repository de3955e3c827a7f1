import { ShieldAlert, ShieldCheck } from "lucide-react";
import type { Route } from "next";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Link } from "@/components/ui/link";
import { shortName } from "@/entities/chat/choose";
import { EngineBadge } from "@/entities/model/engine-badge";
import { readGates } from "@/entities/model/gates";
import { useAnswering } from "@/entities/model/queries";
import type { ChatModelOut, DeploymentOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";

/** Under a model's name: what it is, and whether its checks are green. */
export function ModelNote({ name, models }: { name: string | null; models: readonly ChatModelOut[] | undefined }) {
  const t = useTranslations("chat.models");
  const deployment = useAnswering(name);
  if (name === null || !models) return <Line>{" "}</Line>;
  const model = models.find((one) => one.name === name);
  if (deployment?.deviation) return <DeviationLine deployment={deployment} />;
  if (model && !model.servable) return <Line tone="caution">{t(model.engine === "ollama" ? "ollamaAwayLong" : "noGgufLong")}</Line>;
  if (deployment) return <DeploymentNote deployment={deployment} />;
  if (!model) return <Line tone="bad">{t("gone")}</Line>;
  return (
    <Line>
      <EngineBadge engine={model.engine} />
      {t(model.kind === "ollama" ? "ollamaLong" : "baseLong")}
    </Line>
  );
}

function DeploymentNote({ deployment }: { deployment: DeploymentOut }) {
  const t = useTranslations("chat.models");
  const href = `/models?deployment=${encodeURIComponent(deployment.id)}` as Route;
  const gates = readGates(deployment.gates);
  const base = deployment.base_reference ? t("onBase", { base: shortName(deployment.base_reference) }) : t("baseGone");
  const tone = deployment.state === "checking" ? undefined : deployment.state === "rejected" || !gates?.passed ? "bad" : "good";
  return (
    <Line tone={tone === "good" ? undefined : tone}>
      <EngineBadge engine={deployment.target} />
      {tone === "good" && <ShieldCheck aria-hidden className="text-good" />}
      {tone === "bad" && <ShieldAlert aria-hidden />}
      <Link href={href} className="truncate underline decoration-line-strong underline-offset-2 hover:decoration-current">
        {t(verdictOf(deployment, gates?.passed ?? false))}
      </Link>
      <span className="hidden truncate text-ink-3 sm:inline">{base}</span>
    </Line>
  );
}

/** What was proved is no longer what would answer. */
function DeviationLine({ deployment }: { deployment: DeploymentOut }) {
  const t = useTranslations("chat.models");
  const href = `/models?deployment=${encodeURIComponent(deployment.id)}` as Route;
  return (
    <Line tone="caution">
      <ShieldAlert aria-hidden />
      <Link href={href} className="underline decoration-line-strong underline-offset-2 hover:decoration-current">
        {t(deployment.state === "gone" ? "isGone" : "isChanged")}
      </Link>
    </Line>
  );
}

function verdictOf({ state }: DeploymentOut, passed: boolean) {
  if (state === "checking") return "checking";
  if (state === "rejected") return "rejected";
  return passed ? "green" : "anyway";
}

function Line({ tone, children }: { tone?: "bad" | "caution"; children: ReactNode }) {
  return (
    <p
      className={cn(
        "mt-1 flex min-h-5 items-center gap-1.5 overflow-hidden max-sm:flex-wrap text-xs weak:text-ink-3 [&_svg]:size-3.5 [&_svg]:shrink-0",
        tone === "bad" && "text-bad",
        tone === "caution" && "text-caution",
      )}
    >
      {children}
    </p>
  );
}
