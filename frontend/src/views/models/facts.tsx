import type { ReactNode } from "react";

import { CopyButton } from "@/components/ui/copy-button";

/** Names and values in two columns, a hairline between them. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid">{children}</dl>;
}

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-h-8 items-center justify-between gap-4 border-b py-1 last:border-b-0">
      <dt className="shrink-0 text-ink-3">{name}</dt>
      <dd className="min-w-0 text-right">{children}</dd>
    </div>
  );
}

const SHOWN = 12;

/** A digest: its beginning is enough to see, the whole of it is copied. */
export function Digest({ value, label }: { value: string | null | undefined; label: string }) {
  if (!value) return <>–</>;
  return (
    <span className="inline-flex items-center gap-0.5">
      <code translate="no" title={value} className="font-mono text-xs">
        {value.slice(0, SHOWN)}
      </code>
      <CopyButton text={value} label={label} className="-mr-1.5" />
    </span>
  );
}
