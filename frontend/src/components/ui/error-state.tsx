"use client";

import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";
import { Button } from "./button";

interface ErrorStateProps {
  title?: ReactNode;
  /** The problem's own sentence: it says what to change. */
  detail: ReactNode;
  /** The stable code, for scripts; people are given the number of the request, which a report is found by. */
  code?: string;
  requestId?: string | null;
  onRetry?: () => void;
  retrying?: boolean;
  /** What else helps: a link to the page where it is put right. */
  action?: ReactNode;
  className?: string;
}

/** What went wrong and what to do. */
export function ErrorState({ title, detail, code, requestId, onRetry, retrying, action, className }: ErrorStateProps) {
  const t = useTranslations("ui.error");
  return (
    <div role="alert" data-code={code} className={cn("flex gap-3 rounded-lg border border-bad/30 bg-bad-soft px-3.5 py-3", className)}>
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0 grow">
        <p className="font-semibold text-bad">{title ?? t("title")}</p>
        <div className="mt-0.5 text-pretty">{detail}</div>
        {requestId && <p className="mt-1 font-mono text-2xs text-ink-2">{requestId}</p>}
        {(onRetry || action) && (
          <div className="mt-2.5 flex flex-wrap gap-2">
            {onRetry && (
              <Button size="sm" onClick={onRetry} pending={retrying}>
                {t("retry")}
              </Button>
            )}
            {action}
          </div>
        )}
      </div>
    </div>
  );
}
