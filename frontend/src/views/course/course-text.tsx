"use client";

import { useLocale, useTranslations } from "next-intl";
import { createContext, memo, type ReactNode, useContext, useMemo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";

import { CodeBlock } from "@/components/ui/code-block";
import { Link } from "@/components/ui/link";
import { codeOf, languageOf, MARKDOWN_PARTS, Outward } from "@/components/ui/markdown-parts";
import { MARKDOWN_PLUGINS } from "@/components/ui/markdown-plugins";
import type { Standing } from "@/entities/course/standing";
import { useApiLink } from "@/lib/api/address";
import type { CourseTextOut } from "@/lib/api/generated/types.gen";
import { useLocaleSwitch } from "@/lib/i18n/use-locale-switch";
import { coursePage } from "@/lib/routes";

import { GoalsPanel } from "./goals-panel";
import { joinJapanese } from "./join-japanese";
import { commandsOf, courseLink } from "./lines";
import { StudioSteps } from "./studio-steps";

interface Drawn {
  course: CourseTextOut;
  standing: Standing;
}

const Told = createContext<Drawn | null>(null);

function useDrawn(): Drawn {
  const drawn = useContext(Told);
  if (!drawn) throw new Error("Parts of a course are drawn within CourseText.");
  return drawn;
}

/** A course as it is written. Comments and HTML are left out; what is to be done stands below each heading. */
export function CourseText({ course, standing }: Drawn) {
  const drawn = useMemo(() => ({ course, standing }), [course, standing]);
  return (
    <Told value={drawn}>
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-3.5 text-[0.9375rem]/[1.75] [line-break:strict] [overflow-wrap:anywhere] [word-break:normal]">
        <Text text={course.text} />
      </div>
    </Told>
  );
}

/** Parsed once: what changes while one reads, its parts are told. */
const Text = memo(function Text({ text }: { text: string }) {
  return (
    <ReactMarkdown skipHtml remarkPlugins={PLUGINS} components={COMPONENTS}>
      {text}
    </ReactMarkdown>
  );
});

interface Lined {
  node?: { position?: { start: { line: number } } };
  children?: ReactNode;
}

const lineOf = ({ node }: Lined) => node?.position?.start.line ?? 0;

const COMPONENTS: Components = {
  ...MARKDOWN_PARTS,
  h1: () => null, // the page's own
  h2: (heading) => <SectionHead line={lineOf(heading)}>{heading.children}</SectionHead>,
  h3: ({ children }) => <h3 className="mt-2 font-semibold">{children}</h3>,
  p: ({ children }) => <p>{children}</p>,
  a: ({ href, children }) => <CourseLink href={href}>{children}</CourseLink>,
  img: ({ src, alt }) => <Picture src={src} alt={alt} />,
  pre: (block) => <Block line={lineOf(block)}>{block.children}</Block>,
};

function SectionHead({ line, children }: { line: number; children: ReactNode }) {
  const section = useDrawn().standing.sections.find((one) => one.line === line);
  return (
    <>
      <h2 id={section?.anchor} tabIndex={-1} className="mt-5 scroll-mt-16 text-lg font-semibold text-balance outline-none [word-break:auto-phrase]">
        {children}
      </h2>
      {section && section.goals.length > 0 && <GoalsPanel section={section} />}
    </>
  );
}

function Block({ line, children }: { line: number; children: ReactNode }) {
  const t = useTranslations("course");
  const { course } = useDrawn();
  const [code, language] = [codeOf(children), languageOf(children)];
  if (language === "studio") return <StudioSteps course={course} code={code} firstLine={line + 1} />;
  if (language === "console") return <CodeBlock code={code} copied={commandsOf(code)} title={t("console")} />;
  return <CodeBlock code={code} />;
}

/** To another course, to the same in the other language, or out of the studio; files of the repository are named only. */
function CourseLink({ href = "", children }: { href?: string; children: ReactNode }) {
  const t = useTranslations("course");
  const locale = useLocale();
  const { choose } = useLocaleSwitch();
  const course = courseLink(href);
  if (course && course.language !== locale) {
    return (
      <button type="button" onClick={() => choose(course.language)} className="cursor-pointer rounded-sm text-ai underline underline-offset-2">
        {t("otherLanguage")}
      </button>
    );
  }
  if (course) {
    return (
      <Link href={coursePage(course.level)} className="rounded-sm text-ai underline underline-offset-2">
        {t("coursePage")}
      </Link>
    );
  }
  return /^https?:/.test(href) ? <Outward href={href}>{children}</Outward> : <span>{children}</span>;
}

/** Pictures are of pages of this size (flows/course.flow.ts), so that nothing moves when one arrives. */
const PICTURE = { width: 1024, height: 720 };

function Picture({ src, alt }: { src?: string | Blob; alt?: string }) {
  const linkTo = useApiLink();
  const { level } = useDrawn().course;
  const name = typeof src === "string" ? (src.split("/").at(-1) ?? "") : "";
  return (
    // eslint-disable-next-line @next/next/no-img-element -- it is the API's, and of the size that it is drawn in
    <img
      {...PICTURE}
      src={linkTo(`/api/courses/${level}/files/${encodeURIComponent(name)}`)}
      alt={alt ?? ""}
      loading="lazy"
      className="h-auto w-full max-w-2xl rounded-md border"
    />
  );
}

const PLUGINS = [...MARKDOWN_PLUGINS, joinJapanese];
