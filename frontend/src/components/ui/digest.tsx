import { NOTHING } from "@/lib/format";

import { CopyButton } from "./copy-button";

const SHOWN = 12;

/** A digest: its beginning is enough to see, the whole of it is copied. */
export function Digest({ value, label }: { value: string | null | undefined; label: string }) {
  if (!value) return NOTHING;
  return (
    <span className="inline-flex items-center gap-0.5">
      <code translate="no" title={value} className="font-mono text-xs">
        {value.slice(0, SHOWN)}
      </code>
      <CopyButton text={value} label={label} className="-mr-1.5" />
    </span>
  );
}
