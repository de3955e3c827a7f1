import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { OllamaMark } from "@/entities/ollama/ollama-mark";
import { useOllamaModels } from "@/entities/ollama/queries";
import { usePulls } from "@/entities/ollama/use-pulls";
import type { JobOut, OllamaModelsOut, OllamaStatus } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { OllamaAway, OllamaOld } from "./ollama-notes";
import { OllamaPull } from "./ollama-pull";
import { OllamaTable } from "./ollama-table";

interface OllamaCardProps {
  onOpen: (name: string) => void;
  onOpenDeployment: (id: string) => void;
}

/** The neighbour: what it has, and how to get more. Where it does not run, what it would add. */
export function OllamaCard(props: OllamaCardProps) {
  const query = useOllamaModels();
  const { pulls, isPending } = usePulls();
  const { data } = query;
  // What is on its way stands over what is there: both come at once, so that nothing is pushed down.
  const isWaiting = query.isPending || (isPending && data?.ollama.state === "running");
  return (
    <Card title="Ollama" aside={data && <Aside listed={data} />} flush className="scroll-mt-14">
      <div id="ollama" className="min-h-20 scroll-mt-24">
        {isWaiting && (
          <Loading className="px-3.5 py-3">
            <Skeleton className="w-1/2" />
          </Loading>
        )}
        <ProblemState problem={query.error} onRetry={() => void query.refetch()} retrying={query.isFetching} className="m-3.5" />
        {data && data.ollama.state !== "running" && <OllamaAway status={data.ollama} onRetry={() => void query.refetch()} retrying={query.isFetching} />}
        {!isWaiting && data?.ollama.state === "running" && <Running listed={data} pulls={pulls} {...props} />}
      </div>
    </Card>
  );
}

interface RunningProps extends OllamaCardProps {
  listed: OllamaModelsOut;
  pulls: readonly JobOut[];
}

function Running({ listed, pulls, ...open }: RunningProps) {
  return (
    <>
      {listed.ollama.is_old && <OllamaOld version={listed.ollama.version} />}
      <OllamaPull pulls={pulls} installed={listed.data} />
      <OllamaTable models={listed.data} {...open} />
    </>
  );
}

function Aside({ listed }: { listed: OllamaModelsOut }) {
  const t = useTranslations("models.ollama");
  const format = useFormat();
  const { ollama, data } = listed;
  return (
    <>
      {data.length > 0 && <span className="whitespace-nowrap">{t("disk", { size: format.bytes(listed.size_bytes), count: data.length })}</span>}
      <StateWords status={ollama} />
    </>
  );
}

function StateWords({ status }: { status: OllamaStatus }) {
  const t = useTranslations("models.ollama");
  return (
    <span role="status" className="inline-flex min-w-0 items-center gap-1.5">
      <OllamaMark state={status.state} />
      <span className="whitespace-nowrap">{t(`states.${status.state}`)}</span>
      {status.version && <span translate="no">{status.version}</span>}
      <span translate="no" className="truncate font-mono max-sm:hidden">
        {status.base_url.replace(/^https?:\/\//, "")}
      </span>
    </span>
  );
}
