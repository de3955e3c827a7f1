import { useTranslations } from "next-intl";
import { isValidElement, type ReactNode } from "react";
import type { Components } from "react-markdown";

/** Elements of Markdown that look the same wherever it stands. */
export const MARKDOWN_PARTS: Components = {
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
  table: ({ children }) => <WideTable>{children}</WideTable>,
  th: ({ children }) => <th className="border-b border-line-strong px-2 py-1 text-left font-semibold">{children}</th>,
  td: ({ children }) => <td className="border-b px-2 py-1 align-top">{children}</td>,
};

/** A link that leaves the studio; one that runs code has lost its address. */
export function Outward({ href, children }: { href?: string; children: ReactNode }) {
  if (!href) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="text-ai underline underline-offset-2">
      {children}
    </a>
  );
}

function WideTable({ children }: { children: ReactNode }) {
  const t = useTranslations("ui.markdown");
  return (
    <div role="region" aria-label={t("table")} tabIndex={0} className="relative overflow-x-auto">
      <table className="border-collapse text-sm">{children}</table>
    </div>
  );
}

/** The text of a block of code, as it was written. */
export function codeOf(node: ReactNode): string {
  return textOf(node).replace(/\n$/, "");
}

/** What stands behind the fence of a block of code. */
export function languageOf(node: ReactNode): string | undefined {
  if (!isValidElement<{ className?: string }>(node)) return undefined;
  return /language-(\S+)/.exec(node.props.className ?? "")?.[1];
}

function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (Array.isArray(node)) return node.map(textOf).join("");
  return isValidElement<{ children?: ReactNode }>(node) ? textOf(node.props.children) : "";
}
