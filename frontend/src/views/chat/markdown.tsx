import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";

import { CodeBlock } from "@/components/ui/code-block";
import { codeOf, languageOf, MARKDOWN_PARTS, Outward } from "@/components/ui/markdown-parts";
import { MARKDOWN_PLUGINS } from "@/components/ui/markdown-plugins";

/** What a model wrote, as Markdown. Its HTML stays text, its pictures become links: nothing is fetched unasked. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-2 text-base">
      <ReactMarkdown remarkPlugins={MARKDOWN_PLUGINS} components={COMPONENTS}>
        {text}
      </ReactMarkdown>
    </div>
  );
}

const Heading = ({ children }: { children?: ReactNode }) => <p className="mt-1 font-semibold">{children}</p>;

const COMPONENTS: Components = {
  ...MARKDOWN_PARTS,
  h1: Heading,
  h2: Heading,
  h3: Heading,
  h4: Heading,
  h5: Heading,
  h6: Heading,
  p: ({ children }) => <p className="whitespace-pre-wrap">{children}</p>,
  a: ({ href, children }) => <Outward href={href}>{children}</Outward>,
  img: ({ src, alt }) => <Picture src={src} alt={alt} />,
  pre: ({ children }) => <CodeBlock code={codeOf(children)} title={languageOf(children)} />,
  input: ({ checked }) => <TaskMark checked={Boolean(checked)} />,
};

function Picture({ src, alt }: { src?: string | Blob; alt?: string }) {
  const href = typeof src === "string" ? src : undefined;
  return <Outward href={href}>{alt || href}</Outward>;
}

function TaskMark({ checked }: { checked: boolean }) {
  const t = useTranslations("chat.answer");
  return (
    <span role="img" aria-label={t(checked ? "taskDone" : "taskOpen")} className="mr-1">
      {checked ? "☑" : "☐"}
    </span>
  );
}
