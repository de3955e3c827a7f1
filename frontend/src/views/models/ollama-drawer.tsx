import { MessageSquare } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";

import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Digest } from "@/components/ui/digest";
import { Drawer } from "@/components/ui/drawer";
import { Fact, FactList } from "@/components/ui/fact-list";
import { LinkButton } from "@/components/ui/link-button";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useOllamaDetails } from "@/entities/ollama/queries";
import { readSeal } from "@/entities/ollama/seal";
import type { OllamaDetailsOut, OllamaModelOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { NO_BASE, chatWith, newTraining } from "@/lib/routes";

import { DeleteOllamaDialog } from "./delete-ollama-dialog";
import { PrecisionNote } from "./precision-note";
import { SealFacts } from "./seal-facts";
import { useCanAnswer } from "./use-can-answer";

interface OllamaDrawerProps {
  model: OllamaModelOut;
  onOpenDeployment: (id: string) => void;
  onClose: () => void;
}

/** One model of Ollama's: what it is made of, and what Ollama says before every question. */
export function OllamaDrawer({ model, onOpenDeployment, onClose }: OllamaDrawerProps) {
  const t = useTranslations("models.ollama.drawer");
  const locale = useLocale();
  const query = useOllamaDetails(model.name);
  const canAnswer = useCanAnswer()(model);
  const [isDeleting, setDeleting] = useState(false);
  const seal = readSeal(model.seal);
  const reason = locale === "ja" ? model.base.reason_ja : model.base.reason_en;
  return (
    <Drawer
      open
      title={model.name}
      description={t("description")}
      onOpenChange={(open) => !open && onClose()}
      actions={
        <>
          {!model.deployment_id && (
            <Button variant="danger" className="mr-auto" onClick={() => setDeleting(true)}>
              {t("delete")}
            </Button>
          )}
          {model.base.reference && <LinkButton href={newTraining({ base: model.base.reference })}>{t("train")}</LinkButton>}
          {canAnswer && (
            <LinkButton variant="primary" href={chatWith(model.name, model.deployment_id ? null : NO_BASE)}>
              <MessageSquare aria-hidden />
              {t("chat")}
            </LinkButton>
          )}
        </>
      }
    >
      <div className="grid gap-5">
        {reason && <p className="text-pretty text-ink-2">{t("noTraining", { reason })}</p>}
        {!reason && <PrecisionNote quantisation={model.quantisation} />}
        {seal && (
          <section className="grid gap-1.5">
            <div className="flex items-center justify-between gap-2">
              <h3 className="font-semibold">{t("seal")}</h3>
              {model.deployment_id && (
                <Button size="sm" onClick={() => onOpenDeployment(model.deployment_id ?? "")}>
                  {t("toTuned")}
                </Button>
              )}
            </div>
            <FactList>
              <SealFacts seal={seal} />
            </FactList>
          </section>
        )}
        <QueryBoundary
          query={query}
          waiting={
            <Loading className="grid gap-3">
              <Skeleton className="w-1/2" />
              <Skeleton className="h-40" />
            </Loading>
          }
        >
          {query.data && <Details details={query.data} model={model} />}
        </QueryBoundary>
      </div>
      {isDeleting && <DeleteOllamaDialog model={model} onClose={() => setDeleting(false)} onDone={onClose} />}
    </Drawer>
  );
}

function Details({ details, model }: { details: OllamaDetailsOut; model: OllamaModelOut }) {
  const t = useTranslations("models.ollama.drawer");
  const format = useFormat();
  const copy = t("copy");
  const parameters = Object.entries(details.parameters).flatMap(([name, values]) => values.map((value) => `${name} ${value}`));
  return (
    <>
      <FactList>
        <Fact name={t("family")}>{details.family ?? details.architecture ?? "–"}</Fact>
        <Fact name={t("parameterSize")}>{details.parameter_size ?? "–"}</Fact>
        <Fact name={t("quantisation")}>{details.quantisation ?? "–"}</Fact>
        <Fact name={t("context")}>{format.number(details.context_length)}</Fact>
        <Fact name={t("size")}>{format.bytes(model.size_bytes)}</Fact>
        <Fact name={t("capabilities")}>{details.capabilities.join(", ") || "–"}</Fact>
        <Fact name={t("manifest")}>
          <Digest value={model.digest.replace(/^sha256:/, "")} label={copy} />
        </Fact>
        <Fact name={t("weights")}>
          <Digest value={details.model_digest} label={copy} />
        </Fact>
        {details.adapter_digests.map((digest) => (
          <Fact key={digest} name={t("adapter")}>
            <Digest value={digest} label={copy} />
          </Fact>
        ))}
      </FactList>
      {details.system && <CodeBlock title={t("system")} code={details.system} />}
      {details.template && <CodeBlock title={t("template")} code={details.template} />}
      {parameters.length > 0 && <CodeBlock title={t("parameters")} code={parameters.join("\n")} />}
      {details.licence && (
        <details>
          <summary className="cursor-pointer text-ink-2">{t("licence")}</summary>
          <pre className="mt-2 max-h-60 overflow-auto rounded-md bg-sunk p-3 text-xs whitespace-pre-wrap" tabIndex={0}>
            {details.licence}
          </pre>
        </details>
      )}
    </>
  );
}
