import { useTranslations } from "next-intl";
import { isValidElement, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";

import { CodeBlock } from "@/components/ui/code-block";

const PLUGINS = [remarkGfm];

/** What a model wrote, as Markdown. Its HTML stays text, its pictures become links: nothing is fetched unasked. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-2 text-base">
      <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
        {text}
      </ReactMarkdown>
    </div>
  );
}

const Heading = ({ children }: { children?: ReactNode }) => <p className="mt-1 font-semibold">{children}</p>;

const COMPONENTS: Components = {
  h1: Heading,
  h2: Heading,
  h3: Heading,
  h4: Heading,
  h5: Heading,
  h6: Heading,
  p: ({ children }) => <p className="whitespace-pre-wrap">{children}</p>,
  a: ({ href, children }) => <Outward href={href}>{children}</Outward>,
  img: ({ src, alt }) => <Picture src={src} alt={alt} />,
  ul: ({ children }) => <ul className="grid list-disc gap-0.5 pl-5">{children}</ul>,
  ol: ({ children, start }) => (
    <ol start={start} className="grid list-decimal gap-0.5 pl-6">
      {children}
    </ol>
  ),
  blockquote: ({ children }) => <blockquote className="border-l-2 border-line-strong pl-3 text-ink-2">{children}</blockquote>,
  hr: () => <hr className="my-1" />,
  code: ({ children }) => (
    <code translate="no" className="rounded-sm bg-sunk px-1 py-0.5 font-mono text-[0.92em]">
      {children}
    </code>
  ),
  pre: ({ children }) => <CodeBlock code={textOf(children).replace(/\n$/, "")} title={languageOf(children)} />,
  table: ({ children }) => <WideTable>{children}</WideTable>,
  th: ({ children }) => <th className="border-b border-line-strong px-2 py-1 text-left font-semibold">{children}</th>,
  td: ({ children }) => <td className="border-b px-2 py-1 align-top">{children}</td>,
  input: ({ checked }) => <TaskMark checked={Boolean(checked)} />,
};

function Outward({ href, children }: { href?: string; children: ReactNode }) {
  if (!href) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="text-ai underline underline-offset-2">
      {children}
    </a>
  );
}

function Picture({ src, alt }: { src?: string | Blob; alt?: string }) {
  const href = typeof src === "string" ? src : undefined;
  return <Outward href={href}>{alt || href}</Outward>;
}

function WideTable({ children }: { children: ReactNode }) {
  const t = useTranslations("chat.answer");
  return (
    <div role="region" aria-label={t("table")} tabIndex={0} className="relative overflow-x-auto">
      <table className="border-collapse text-sm">{children}</table>
    </div>
  );
}

function TaskMark({ checked }: { checked: boolean }) {
  const t = useTranslations("chat.answer");
  return (
    <span role="img" aria-label={t(checked ? "taskDone" : "taskOpen")} className="mr-1">
      {checked ? "☑" : "☐"}
    </span>
  );
}

function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (Array.isArray(node)) return node.map(textOf).join("");
  return isValidElement<{ children?: ReactNode }>(node) ? textOf(node.props.children) : "";
}

function languageOf(node: ReactNode): string | undefined {
  if (!isValidElement<{ className?: string }>(node)) return undefined;
  return /language-(\S+)/.exec(node.props.className ?? "")?.[1];
}
