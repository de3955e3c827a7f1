import { cn } from "@/lib/cn";
import { CopyButton } from "./copy-button";

interface CodeBlockProps {
  code: string;
  /** What is copied, where that is less than all: commands without what they print. */
  copied?: string;
  /** Above the code: the name of the file, or what it is. */
  title?: string;
  wrap?: boolean;
  className?: string;
}

/** Something to copy and run, or to read letter by letter. */
export function CodeBlock({ code, copied, title, wrap, className }: CodeBlockProps) {
  return (
    <figure className={cn("relative min-w-0 rounded-md border bg-sunk", className)}>
      {title && <figcaption className="border-b px-3 py-1.5 text-xs text-ink-3">{title}</figcaption>}
      <pre
        tabIndex={0}
        className={cn(
          "overflow-x-auto rounded-md py-2 pr-10 pl-3 font-mono text-xs -outline-offset-2",
          wrap && "break-words whitespace-pre-wrap",
        )}
      >
        <code translate="no">{code}</code>
      </pre>
      <CopyButton text={copied ?? code} className="absolute top-1 right-1 bg-sunk" />
    </figure>
  );
}
