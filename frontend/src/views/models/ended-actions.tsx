import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { useProblemWords } from "@/components/ui/problem";
import { notify } from "@/components/ui/toast";
import { useDeleteJob } from "@/entities/job/mutations";
import { useHandsOnFocus } from "@/lib/use-hands-on-focus";

interface EndedActionsProps {
  jobId: string;
  name: string;
  /** Where its words stand. */
  words: "models.imports" | "models.ollama.pull";
  /** Try again; `forget`: the record of this try is of no use any more. */
  onRetry: (ways: { forget: () => void; onError: (error: unknown) => void }) => void;
  isRetrying: boolean;
  className: string;
  children?: ReactNode;
}

/** What can be done about a model that did not come: try again, or put the record away. */
export function EndedActions({ jobId, name, words, onRetry, isRetrying, className, children }: EndedActionsProps) {
  const t = useTranslations(words);
  const problem = useProblemWords();
  const { mutate, isPending } = useDeleteJob();
  const place = useHandsOnFocus<HTMLSpanElement>();
  const told = (title: string) => (error: unknown) => notify.bad(title, { description: problem(error) });
  const forget = () => mutate(jobId, { onError: told(t("dismissFailed", { name })) });
  return (
    <span ref={place} className={className}>
      {children}
      <Button size="sm" aria-label={t("retryOf", { name })} pending={isRetrying} onClick={() => onRetry({ forget, onError: told(t("retryFailed", { name })) })}>
        {t("retry")}
      </Button>
      <Button size="sm" variant="quiet" aria-label={t("dismissOf", { name })} pending={isPending} onClick={forget}>
        {t("dismiss")}
      </Button>
    </span>
  );
}
