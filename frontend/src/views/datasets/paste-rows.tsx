"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/textarea";

import { forgetPasteDraft, usePasteDraft } from "@/entities/dataset/paste-draft";
import { fileOfText } from "./pasted";

/** Of a file, and of the data set that is made of it: it is shown in both languages. */
const PASTED_NAME = "rows";

/** Rows that are typed or pasted become a file, and go the way of files. */
export function PasteRows({ onRows, onClose }: { onRows: (file: File) => void; onClose: () => void }) {
  const t = useTranslations("datasets.add");
  const [text, setText] = usePasteDraft();
  const [missing, setMissing] = useState(false);
  const take = () => {
    if (text.trim() === "") return setMissing(true);
    onRows(fileOfText(text, PASTED_NAME, new Date()));
    onClose();
  };
  return (
    <div className="grid gap-2">
      <Field label={t("rows")} description={t("rowsHint")} error={missing ? t("rowsMissing") : undefined}>
        <Textarea
          autoFocus
          rows={6}
          value={text}
          spellCheck={false}
          placeholder={t("rowsExample")}
          className="font-mono text-xs"
          onChange={(event) => {
            setText(event.target.value);
            setMissing(false);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) take();
          }}
        />
      </Field>
      <div className="flex justify-end gap-2">
        <Button
          variant="quiet"
          onClick={() => {
            forgetPasteDraft();
            onClose();
          }}
        >
          {t("pasteCancel")}
        </Button>
        <Button variant="primary" onClick={take}>
          {t("pasteCheck")}
        </Button>
      </div>
    </div>
  );
}
