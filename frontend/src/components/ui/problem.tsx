"use client";

import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";
import { isFaultPage } from "@/lib/manual";
import { asProblem, BROKEN_STREAM, NETWORK, type ProblemError, UNREADABLE } from "@/lib/problem";

import { ErrorState } from "./error-state";
import { ManualLink } from "./manual-link";

interface ProblemStateProps {
  /** What a query or mutation failed with; nothing is shown for null. */
  problem: unknown;
  /** What could not be done, where the problem's kind says too little. */
  title?: ReactNode;
  /** The page's own words, where it offers beside them what the problem's sentence lists. */
  detail?: ReactNode;
  onRetry?: () => void;
  retrying?: boolean;
  /** What else helps: a link to the page where it is put right. */
  action?: ReactNode;
  className?: string;
}

/** The error of a query, for a page or a card: what happened, what to change, how to try again. */
export function ProblemState({ problem, title, detail, action, ...rest }: ProblemStateProps) {
  const words = useWords();
  if (problem === null || problem === undefined) return null;
  const known = asProblem(problem);
  return (
    <ErrorState
      {...rest}
      title={title ?? words.title(known)}
      detail={detail ?? <ProblemText problem={known} detail={words.detail(known)} />}
      code={known.status > 0 ? known.code : undefined}
      requestId={known.requestId}
      action={
        known.page ? (
          <>
            {action}
            <ManualLink page={known.page} />
          </>
        ) : (
          action
        )
      }
    />
  );
}

/** The same in a line or two, beside the control that it concerns. */
export function ProblemNote({ problem, className }: { problem: unknown; className?: string }) {
  const words = useWords();
  if (problem === null || problem === undefined) return null;
  const known = asProblem(problem);
  return (
    <div role="alert" className={cn("flex items-start gap-1.5 text-bad", className)}>
      <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 text-pretty">
        <ProblemText problem={known} detail={words.detail(known)} />
        {known.page && isFaultPage(known.page) && <ManualLink plain page={known.page} className="ml-1.5" />}
      </div>
    </div>
  );
}

/** The sentence of a problem, for toasts and messages of fields. */
export function useProblemWords(): (error: unknown) => string {
  const { detail } = useWords();
  return (error) => {
    const problem = asProblem(error);
    return [detail(problem), ...further(problem, detail(problem))].join(" ");
  };
}

function ProblemText({ problem, detail }: { problem: ProblemError; detail: string }) {
  const lines = further(problem, detail);
  return (
    <>
      {detail}
      {lines.length > 0 && (
        <ul className="mt-1 list-disc space-y-0.5 pl-4">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </>
  );
}

/** The fields' own sentences that the detail does not already hold. */
function further(problem: ProblemError, detail: string): string[] {
  return [...new Set(Object.values(problem.errors))].filter((line) => !detail.includes(line));
}

const OWN = [NETWORK, UNREADABLE, BROKEN_STREAM] as const;
type Own = (typeof OWN)[number];

function useWords() {
  const t = useTranslations("problems");
  const ownOf = (problem: ProblemError): Own | undefined => OWN.find((code) => code === problem.code);
  return {
    title: (problem: ProblemError): string => {
      const own = ownOf(problem);
      return own ? t(`${own}.title`) : t(titleKey(problem.status));
    },
    detail: (problem: ProblemError): string => {
      if (problem.status === 401) return t("unauthorized.detail");
      if (!problem.needsWords) return problem.detail;
      return t(`${ownOf(problem) ?? "other"}.detail`);
    },
  };
}

function titleKey(status: number) {
  if (status === 401) return "titles.unauthorized";
  if (status === 404) return "titles.missing";
  if (status === 409) return "titles.conflict";
  if (status === 503) return "titles.busy";
  if (status >= 500) return "titles.server";
  return status >= 400 ? "titles.invalid" : "other.title";
}
