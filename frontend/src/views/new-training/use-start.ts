import { useRouter } from "next/navigation";
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";

import { useCreateJob } from "@/entities/job/mutations";
import { newKey } from "@/lib/api/idempotency";
import { jobPage } from "@/lib/routes";

import { takesBase } from "./draft";
import { forgetDraft } from "./draft-store";
import type { Verdict } from "./use-ledger";
import type { TrainingForm } from "./use-training-form";

/**
 * The start: once for one wish, however often it is tried; then on to the job's page. While the rows are being checked it
 * waits for the verdict, and is given up when the form says something else by then.
 */
export function useStart(form: TrainingForm, ground: RefObject<HTMLElement | null>, verdict: Verdict) {
  const router = useRouter();
  const create = useCreateJob();
  const wish = useRef({ text: "", key: "" });
  const [tried, setTried] = useState<string | null>(null);
  const [attempts, setAttempts] = useState(0);
  const [awaited, setAwaited] = useState<string | null>(null);
  const text = JSON.stringify(form.request);
  const isCurrent = tried === text;
  const lacks = form.draft.dataset === null || (takesBase(form.recipe) && form.draft.base === null) || form.hasFaults;

  useEffect(() => {
    if (attempts > 0) focusFirstFault(ground.current);
  }, [attempts, ground, create.error]);

  const run = () => {
    if (create.isPending || create.isSuccess) return;
    setTried(text);
    setAttempts((before) => before + 1);
    if (lacks) return;
    if (verdict === "checking") return setAwaited(text);
    setAwaited(null);
    if (wish.current.text !== text) wish.current = { text, key: newKey() };
    create.mutate(
      { request: form.request, key: wish.current.key },
      {
        onSuccess: (job) => {
          forgetDraft(form.key);
          router.push(jobPage(job.id));
        },
      },
    );
  };
  const isWaiting = awaited === text && verdict === "checking";
  const isDue = awaited === text && verdict === "known";
  const runDue = useEffectEvent(run);
  useEffect(() => {
    if (!isDue) return;
    const due = setTimeout(() => runDue());
    return () => clearTimeout(due);
  }, [isDue]);

  return {
    run,
    /** Asked for, and not begun before the rows are checked. */
    isWaiting,
    pending: create.isPending || create.isSuccess,
    problem: create.error,
    isCurrent,
    wantsDataset: attempts > 0 && form.draft.dataset === null,
    /** Grows when faults may hide among the folded settings. */
    openSettings: form.hasFaults || create.error ? attempts : 0,
  };
}

/** Bring whoever tried to start to the first field that is wrong. */
function focusFirstFault(ground: HTMLElement | null): void {
  requestAnimationFrame(() => {
    const field = ground?.querySelector<HTMLElement>("[aria-invalid=true], [role=combobox][data-invalid], button[data-invalid]");
    field?.focus();
  });
}
