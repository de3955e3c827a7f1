"use client";

import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { type EncodingCandidate, ENCODINGS, isEncoding } from "./encodings";
import type { Reading } from "./queries";

const AUTOMATIC = "\u0000automatic";

interface EncodingFieldProps {
  reading: Reading;
  disabled: boolean;
  onReading: (reading: Reading) => void;
}

/** What a text file is written in, where the text itself does not tell or tells wrong. */
export function EncodingField({ reading, disabled, onReading }: EncodingFieldProps) {
  const t = useTranslations("datasets.encoding");
  const terms = useTranslations("terms");
  const name = useEncodingName();
  const given = reading.encoding ?? null;
  const known = given !== null && !isEncoding(given) ? [given, ...ENCODINGS] : ENCODINGS;
  return (
    <Field label={t("label")} explanation={terms("words.encoding")} className="max-w-72">
      <Select
        value={given ?? AUTOMATIC}
        disabled={disabled}
        options={[{ value: AUTOMATIC, label: t("automatic") }, ...known.map((value) => ({ value, label: name(value) }))]}
        onChange={(value) => onReading({ ...reading, encoding: value === AUTOMATIC ? null : value })}
      />
    </Field>
  );
}

/** How the file reads in each encoding that fits; one is chosen by its words. */
export function EncodingCandidates({ candidates, reading, disabled, onReading }: EncodingFieldProps & { candidates: readonly EncodingCandidate[] }) {
  const t = useTranslations("datasets.encoding");
  const name = useEncodingName();
  return (
    <section aria-label={t("candidates")} className="grid gap-1.5">
      <h3 className="text-xs font-medium text-ink-2">{t("candidates")}</h3>
      <ul className="divide-y rounded-md border">
        {candidates.map(({ encoding, sample }) => (
          <li key={encoding} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
            <span className="min-w-0 grow break-words">{sample}</span>
            <Button size="sm" className="h-auto min-h-6 max-w-full shrink text-left whitespace-normal" disabled={disabled} onClick={() => onReading({ ...reading, encoding })}>
              {t("readAs", { encoding: name(encoding) })}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function useEncodingName(): (encoding: string) => string {
  const names = useTranslations("datasets.encoding.names");
  return (encoding) => {
    const key = encoding.replaceAll("-", "_");
    return names.has(key as "utf_8") ? names(key as "utf_8") : encoding;
  };
}
