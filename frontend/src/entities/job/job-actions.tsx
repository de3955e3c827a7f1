"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";

import { useProblemWords } from "@/components/ui/problem";
import { notify } from "@/components/ui/toast";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { jobPage } from "@/lib/routes";

import { type Chain, openJobs } from "./chain";
import { copyName } from "./copy-name";
import { useCancelJob, useDuplicateJob, useResumeJob } from "./mutations";

/** What becomes of the checkpoint of a job that is stopped. */
export type CheckpointFate = "keep" | "discard";

/** What can be done to jobs that are in the line, run, or have ended; says itself how it went. */
export function useJobActions() {
  const t = useTranslations("training.actions");
  const words = useProblemWords();
  const router = useRouter();
  const { mutateAsync: cancelOne } = useCancelJob();
  const { mutateAsync: resumeOne } = useResumeJob();
  const { mutateAsync: duplicateOne } = useDuplicateJob();

  const opening = (job: JobOut) => ({
    description: job.name,
    action: { label: t("open"), onClick: () => router.push(jobPage(job.id)) },
  });
  const failed = (title: string, error: unknown) => notify.bad(title, { description: words(error) });

  return {
    /** Stop what has not ended of these chains. */
    cancel: async (chains: readonly Chain[], checkpoint: CheckpointFate): Promise<void> => {
      const results = await inTurn(chains, (chain) =>
        inTurnOrThrow(firstToStop(chain), (job) => cancelOne({ id: job.id, checkpoint })),
      );
      if (results.done > 0) notify.good(t("cancelDone", { count: results.done }), { description: t("cancelDoneHint") });
      if (results.error) failed(t("cancelFailed", { count: results.failed }), results.error);
    },
    resume: async (job: JobOut): Promise<void> => {
      try {
        notify.good(t("resumeDone"), opening(await resumeOne({ id: job.id })));
      } catch (error) {
        failed(t("resumeFailed"), error);
      }
    },
    duplicate: async (jobs: readonly JobOut[]): Promise<void> => {
      let last: JobOut | null = null;
      const results = await inTurn(jobs, async (job) => {
        last = await duplicateOne({ id: job.id, changes: { name: copyName(job.name) } });
      });
      if (last) notify.good(t("duplicateDone", { count: results.done }), opening(last));
      if (results.error) failed(t("duplicateFailed", { count: results.failed }), results.error);
    },
  };
}

/** Followers end with the job that they wait for: only when that one has ended they are stopped themselves. */
function firstToStop(chain: Chain): JobOut[] {
  const open = openJobs(chain);
  return open.some((job) => job.id === chain.job.id) ? [chain.job] : open;
}

async function inTurn<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>) {
  const results = { done: 0, failed: 0, error: null as unknown };
  for (const item of items) {
    try {
      await work(item);
      results.done += 1;
    } catch (error) {
      results.failed += 1;
      results.error ??= error;
    }
  }
  return results;
}

async function inTurnOrThrow<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  for (const item of items) await work(item);
}
