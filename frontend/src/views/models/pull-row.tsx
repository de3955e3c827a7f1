import { useLocale, useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { PersonsName } from "@/components/ui/persons-name";
import { Progress } from "@/components/ui/progress";
import { useProblemWords } from "@/components/ui/problem";
import { StateBadge } from "@/components/ui/state-badge";
import { notify } from "@/components/ui/toast";
import { shareOf } from "@/entities/job/progress";
import { layerOf } from "@/entities/job/layer";
import { useCancelJob } from "@/entities/job/mutations";
import { pulledName } from "@/entities/ollama/pulls";
import { usePullModel } from "@/entities/ollama/queries";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { useFormat } from "@/lib/use-format";
import { jobPage } from "@/lib/routes";
import { useHandsOnFocus } from "@/lib/use-hands-on-focus";

import { EndedActions } from "./ended-actions";

/** One model on its way into Ollama; in the end why it did not come. */
export function PullRow({ job, isInstalled }: { job: JobOut; isInstalled: boolean }) {
  const t = useTranslations("models.ollama.pull");
  const locale = useLocale();
  const name = pulledName(job);
  const row = useHandsOnFocus<HTMLLIElement>();
  return (
    <li ref={row} className="grid gap-x-4 gap-y-1.5 py-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_9.5rem] sm:items-center">
      <span className="flex min-w-0 flex-wrap items-center gap-2">
        <Link href={jobPage(job.id)} className="truncate font-medium hover:underline" translate="no">
          <PersonsName>{name}</PersonsName>
        </Link>
        {job.desired === "cancel" && !isFinal(job.state) ? <Badge tone="caution">{t("stopping")}</Badge> : <StateBadge state={job.state} />}
      </span>
      {isFinal(job.state) ? (
        <p className={job.failure ? "text-pretty text-bad" : "text-ink-2"}>
          {job.failure ? job.failure[locale] : t(isInstalled ? "cancelledThere" : "cancelled")}
        </p>
      ) : (
        <LayerProgress job={job} name={name} />
      )}
      <Actions job={job} name={name} />
    </li>
  );
}

function LayerProgress({ job, name }: { job: JobOut; name: string }) {
  const t = useTranslations("models.ollama.pull");
  const format = useFormat();
  const layer = layerOf(job.progress);
  if (!layer) return <Progress label={t(job.state === "running" ? "starting" : "waiting", { name })} value={null} detail="" />;
  return (
    <Progress
      label={t("layer", { digest: layer.digest })}
      value={shareOf(job)}
      detail={format.bytesOf(layer.done, layer.total)}
    />
  );
}

function Actions({ job, name }: { job: JobOut; name: string }) {
  const pull = usePullModel();
  if (!isFinal(job.state)) return <Stop job={job} name={name} />;
  return (
    <EndedActions
      jobId={job.id}
      name={name}
      words="models.ollama.pull"
      isRetrying={pull.isPending}
      onRetry={({ onError }) => pull.mutate({ name, anew: true }, { onError })}
      className="flex gap-1.5 whitespace-nowrap sm:justify-end"
    />
  );
}

function Stop({ job, name }: { job: JobOut; name: string }) {
  const t = useTranslations("models.ollama.pull");
  const words = useProblemWords();
  const cancel = useCancelJob();
  const place = useHandsOnFocus<HTMLSpanElement>();
  const onError = (error: unknown) => notify.bad(t("cancelFailed", { name }), { description: words(error) });
  return (
    <span ref={place} className="justify-self-start sm:justify-self-end">
      <Button
        size="sm"
        aria-label={t("cancelOf", { name })}
        disabled={job.desired === "cancel"}
        pending={cancel.isPending}
        onClick={() => cancel.mutate({ id: job.id, checkpoint: "keep" }, { onError })}
      >
        {t("cancel")}
      </Button>
    </span>
  );
}
