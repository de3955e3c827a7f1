"use client";

import { Download } from "lucide-react";
import type { Route } from "next";
import { useTranslations } from "next-intl";

import { PAGES } from "@/components/layout/pages";
import { Link } from "@/components/ui/link";
import { useApiLink } from "@/lib/api/address";
import type { CourseTextOut, StepOut } from "@/lib/api/generated/types.gen";

import { type StudioLine, studioLines } from "./lines";

interface StudioStepsProps {
  course: CourseTextOut;
  code: string;
  firstLine: number;
}

/** What to click, one thing a line; pages can be opened from here, and files saved. */
export function StudioSteps({ course, code, firstLine }: StudioStepsProps) {
  const t = useTranslations("course");
  const steps = new Map(course.steps.map((step) => [step.line, step]));
  return (
    <figure className="min-w-0 rounded-md border bg-panel">
      <figcaption className="border-b px-3 py-1.5 text-xs text-ink-3">{t("studio")}</figcaption>
      <ol className="grid gap-1 px-3 py-2">
        {studioLines(code, firstLine).map((line) => (
          <li key={line.line} className="grid grid-cols-[4.5rem_minmax(0,1fr)] sm:grid-cols-[6.5rem_minmax(0,1fr)] items-baseline gap-x-2">
            <span className="text-xs text-ink-3">{line.word}</span>
            <span className="min-w-0">
              <What line={line} step={steps.get(line.line)} level={course.level} />
            </span>
          </li>
        ))}
      </ol>
    </figure>
  );
}

function What({ line, step, level }: { line: StudioLine; step?: StepOut; level: number }) {
  const t = useTranslations("nav.pages");
  if (step?.op === "page") {
    const page = PAGES.find(({ name, href }) => href === step.value || t(name) === step.value);
    return (
      <Link href={page?.href ?? (step.value as Route)} className="rounded-sm font-medium text-ai underline underline-offset-2">
        {page ? t(page.name) : step.value}
      </Link>
    );
  }
  return (
    <>
      <span className="font-medium">{line.label}</span>
      {line.value !== null && (
        <>
          <span className="ml-2 rounded-sm bg-sunk px-1 py-0.5 font-mono text-[0.92em]">{line.value}</span>
        </>
      )}
      {step?.op === "file" && <SaveFile level={level} path={step.value} />}
    </>
  );
}

function SaveFile({ level, path }: { level: number; path: string }) {
  const t = useTranslations("course");
  const linkTo = useApiLink();
  const name = path.split("/").at(-1) ?? path;
  return (
    <a
      href={linkTo(`/api/courses/${level}/files/${encodeURIComponent(name)}`)}
      download={name}
      className="ml-2 inline-flex items-center gap-1 rounded-sm text-xs text-ai underline underline-offset-2"
    >
      <Download className="size-3.5" aria-hidden />
      {t("download")}
    </a>
  );
}
