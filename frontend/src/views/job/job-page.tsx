"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { parseAsStringLiteral, useQueryState } from "nuqs";

import { Crumb } from "@/components/layout/crumb";
import { Page } from "@/components/layout/page";
import { Badge } from "@/components/ui/badge";
import { useProblemWords } from "@/components/ui/problem";
import { StateBadge } from "@/components/ui/state-badge";
import { notify } from "@/components/ui/toast";
import { goesOn, leadingIn, resumable } from "@/entities/job/chain";
import { labelledJob } from "@/entities/job/labelled";
import { JobBadge as StatedBadge } from "@/entities/job/job-badge";
import { useResumeJob } from "@/entities/job/mutations";
import { shareOfWork } from "@/entities/job/progress";
import { useRecipeBook } from "@/entities/recipe/queries";
import { LabelLine } from "@/entities/label/label-line";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { useFormat } from "@/lib/use-format";
import { jobPage } from "@/lib/routes";
import { Facts } from "./facts";
import { HeaderActions } from "./header-actions";
import { JobTabs, TAB_NAMES } from "./job-tabs";
import { StageStrip } from "@/entities/job/stage-strip";
import { stepsOf } from "@/entities/job/stage-steps";
import { Tiles } from "@/entities/job/tiles";
import { asChain, type ChainFacts } from "./use-chain";

const ProgressVoice = dynamic(() => import("./progress-voice").then((loaded) => loaded.ProgressVoice), { ssr: false });
const FailureCard = dynamic(() => import("./failure-card").then((loaded) => loaded.FailureCard));
const EvaluationNote = dynamic(() => import("@/entities/evaluation/evaluation-note").then((loaded) => loaded.EvaluationNote));
const GatesCard = dynamic(() => import("@/entities/model/gates-card").then((loaded) => loaded.GatesCard));

type JobPageProps = Pick<ChainFacts, "jobs" | "deployment"> & { job: JobDetail };

export function JobPage({ job, jobs, deployment }: JobPageProps) {
  const t = useTranslations("job");
  const chain = asChain(jobs, job);
  const [tab, setTab] = useQueryState("tab", parseAsStringLiteral(TAB_NAMES).withDefault("overview"));
  const { resume, isResuming } = useResume();
  const isLive = !isFinal(job.state);
  const book = useRecipeBook();
  const recipe = book.of(job.recipe);
  const leading = leadingIn(jobs, job, book);
  const failed = leading.find((one) => one.id === job.id && one.failure) ?? leading.find((one) => one.failure);
  const next = resumable(asChain(leading, job), book);
  return (
    <Page
      title={job.name}
      badge={<JobBadge job={job} goesOn={goesOn(chain, book)} />}
      description={
        <>
          <Facts job={job} />
          <LabelLine thing={labelledJob(job, book)} list="/training" />
        </>
      }
      actions={<HeaderActions job={job} chain={chain} next={next} deployment={deployment} isResuming={isResuming} onResume={resume} />}
    >
      <Crumb label={job.name} />
      <ProgressVoice job={job} />
      {failed && (
        <FailureCard
          job={job}
          failed={failed}
          canResume={next !== null}
          isResuming={isResuming}
          onResume={() => next && resume(next)}
          onLog={() => void setTab("log")}
        />
      )}
      <StageStrip steps={stepsOf(leading, deployment, book)} current={job.id} hint={job.state === "pending" ? t("stages.before") : null} />
      {recipe && <Tiles job={job} recipe={recipe} isLive={isLive} />}
      {job.evaluation_id && <EvaluationNote id={job.evaluation_id} />}
      {deployment?.state === "rejected" && <GatesCard jobs={leading} deployment={deployment} className="mb-3" />}
      <JobTabs job={job} jobs={jobs} deployment={deployment} isLive={isLive} tab={tab} onTab={(name) => void setTab(name)} />
    </Page>
  );
}

function JobBadge({ job, goesOn }: { job: JobDetail; goesOn: boolean }) {
  const t = useTranslations("job");
  const { percent } = useFormat();
  const share = shareOfWork(job, useRecipeBook());
  if (job.desired !== "run" && !isFinal(job.state)) return <Badge tone="caution">{t("stopping")}</Badge>;
  if (job.state !== "running") return <StatedBadge job={job} goesOn={goesOn} />;
  return <StateBadge state={job.state} detail={share === null ? undefined : <span className="inline-block min-w-7 text-right">{percent(share)}</span>} />;
}

/** Go on from the last checkpoint, and to the page of the job that does. */
function useResume() {
  const t = useTranslations("job.actions");
  const words = useProblemWords();
  const router = useRouter();
  const { mutate, isPending } = useResumeJob();
  const resume = ({ id }: { id: string }) =>
    mutate(
      { id },
      {
        onSuccess: (made) => {
          notify.good(t("resumed"));
          router.push(jobPage(made.id));
        },
        onError: (error) => notify.bad(t("resumeFailed"), { description: words(error) }),
      },
    );
  return { resume, isResuming: isPending };
}
