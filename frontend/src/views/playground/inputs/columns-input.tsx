import { useTranslations } from "next-intl";
import type { KeyboardEvent } from "react";

import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Kbd } from "@/components/ui/kbd";
import { PersonsName } from "@/components/ui/persons-name";
import { Select } from "@/components/ui/select";
import { Textarea } from "@/components/ui/textarea";
import type { ColumnField } from "@/lib/api/generated/types.gen";

import { type Cell, rowsOf, withCell } from "./columns";
import type { InputProps } from "./input-types";
import { MOST_ITEMS } from "./text-input";

const MISSING = "";
/** More fields than that would be a page of their own: the JSON holds them all. */
const MOST_FIELDS = 60;

/** A field for every column that the model reads; the row, or several, as JSON below. */
export function ColumnsInput({ draft, predictor, onDraft, onAsk }: InputProps) {
  const t = useTranslations("playground.columns");
  const fields = predictor.columns ?? [];
  const rows = rowsOf(draft, fields);
  const [row] = rows;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onAsk();
  };
  const error = rows.length === 0 ? t("notRows") : rows.length > MOST_ITEMS ? t("tooMany", { most: MOST_ITEMS, count: rows.length }) : undefined;
  return (
    <div className="grid gap-3" onKeyDown={onKeyDown}>
      {rows.length === 1 && row && (
        <div className="grid gap-x-3 gap-y-2 sm:grid-cols-2">
          {fields.slice(0, MOST_FIELDS).map((field) => (
            <Field key={field.name} label={<PersonsName>{field.name}</PersonsName>}>
              <CellInput field={field} cell={row[field.name] ?? null} onText={(text) => onDraft(withCell(row, field, text))} />
            </Field>
          ))}
        </div>
      )}
      {fields.length > MOST_FIELDS && <p className="text-xs text-ink-3">{t("more", { count: fields.length - MOST_FIELDS })}</p>}
      <Field label={t("json")} description={t("jsonDescription", { most: MOST_ITEMS })} aside={rows.length > 1 && t("count", { count: rows.length })} error={error}>
        <Textarea rows={3} value={draft} placeholder={JSON.stringify(rowsOf("", fields)[0])} onChange={(event) => onDraft(event.currentTarget.value)} className="font-mono text-xs" spellCheck={false} />
        <span className="hidden text-xs text-ink-3 xl:inline">{t.rich("keys", { keys: () => <Kbd keys="mod+Enter" /> })}</span>
      </Field>
    </div>
  );
}

interface CellInputProps {
  field: ColumnField;
  cell: Cell;
  onText: (text: string) => void;
}

function CellInput({ field, cell, onText }: CellInputProps) {
  const t = useTranslations("playground.columns");
  const text = cell === null ? MISSING : String(cell);
  const choices = field.type === "boolean" ? ["true", "false"] : (field.choices ?? []);
  if (field.type === "number" || choices.length === 0) {
    return <Input value={text} inputMode={field.type === "number" ? "decimal" : undefined} placeholder={t("missing")} onValueChange={onText} />;
  }
  const options = [{ value: MISSING, label: t("missing") }, ...choices.map((value) => ({ value, label: value }))];
  return <Select value={text} onChange={onText} options={options} />;
}
