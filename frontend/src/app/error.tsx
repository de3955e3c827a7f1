"use client";

import { useTranslations } from "next-intl";

import { ErrorState } from "@/components/ui/error-state";

interface ErrorPageProps {
  error: unknown;
  retry: () => void;
}

/** A page that could not be drawn; the rail around it stays. */
export default function ErrorPage({ error, retry }: ErrorPageProps) {
  const t = useTranslations("common.pageError");
  const digest = error instanceof Error && "digest" in error ? String(error.digest) : undefined;
  return (
    <div className="max-w-2xl px-4 py-6 md:px-5">
      <ErrorState title={t("title")} detail={t("description")} code={digest} onRetry={retry} />
    </div>
  );
}
