"use client";

import { useLocale, useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { type Field as DataField, fieldsOf, remapped } from "./fields";
import { type Reading, useKindBook } from "./queries";
import { useFieldName } from "./use-field-name";
import { isolated } from "@/lib/isolate";
import type { Found } from "@/lib/api/generated/types.gen";

interface MappingFieldsProps {
  /** What the API made of the file; null where it could not. */
  found: Found | null;
  columns: readonly string[];
  reading: Reading;
  disabled: boolean;
  onReading: (reading: Reading) => void;
}

/** What the rows are and which column is what; what is changed here is previewed at once. */
export function MappingFields({ found, columns, reading, disabled, onReading }: MappingFieldsProps) {
  const t = useTranslations("datasets.mapping");
  const terms = useTranslations("terms");
  const locale = useLocale();
  const book = useKindBook();
  const kind = reading.kind ?? found?.kind ?? book.kinds[0]?.name;
  if (kind === undefined) return null;
  const mapping = { ...(found?.kind === kind ? found.mapping : {}), ...reading.mapping };
  const fields = fieldsOf(book, kind, mapping);
  const touched = reading.kind != null || reading.mapping != null;
  const change = (field: DataField, column: string | null) =>
    onReading({ ...reading, kind, mapping: remapped(mapping, field.name, column) });
  return (
    <div className="grid gap-2">
      <div className="grid grid-cols-[repeat(auto-fit,minmax(min(9.5rem,100%),1fr))] gap-x-3 gap-y-2">
        <Field label={t("kind")} explanation={terms("words.kind")}>
          <Select
            value={kind}
            disabled={disabled}
            options={book.kinds.map(({ name }) => ({ value: name, label: book.title(name, locale) }))}
            onChange={(value) => onReading({ ...reading, kind: value, mapping: null })}
          />
        </Field>
        {fields.map((field) => (
          <ColumnField
            key={field.name}
            field={field}
            column={mapping[field.name] ?? null}
            given={reading.mapping?.[field.name] !== undefined}
            columns={columns}
            disabled={disabled}
            onChange={(column) => change(field, column)}
          />
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-3">
        {found && found.mapping_by !== "given" && <span>{t(`by.${found.mapping_by}`)}</span>}
        {found && found.ignored_columns.length > 0 && (
          <span>{t("ignored", { columns: namesOf(found.ignored_columns) })}</span>
        )}
        {touched && (
          <Button size="sm" variant="quiet" disabled={disabled} onClick={() => onReading({ encoding: reading.encoding })}>
            {t("reset")}
          </Button>
        )}
      </div>
    </div>
  );
}

function namesOf(columns: readonly string[]): string {
  const more = columns.length > SHOWN_COLUMNS ? " …" : "";
  return columns.slice(0, SHOWN_COLUMNS).map(isolated).join(", ") + more;
}

const SHOWN_COLUMNS = 8;
const NONE = "\u0000none";

interface ColumnFieldProps {
  field: DataField;
  column: string | null;
  given: boolean;
  columns: readonly string[];
  disabled: boolean;
  onChange: (column: string | null) => void;
}

function ColumnField({ field, column, given, columns, disabled, onChange }: ColumnFieldProps) {
  const t = useTranslations("datasets.mapping");
  const nameOf = useFieldName();
  const known = column !== null && !columns.includes(column) ? [column, ...columns] : columns;
  const none = { value: NONE, label: t("none") };
  const mayBeNone = !field.required && (column === null || given);
  return (
    <Field label={nameOf(field.name)} optional={!field.required}>
      <Select
        value={column ?? (field.required ? null : NONE)}
        disabled={disabled}
        placeholder={t("choose")}
        options={[...(mayBeNone ? [none] : []), ...known.map((name) => ({ value: name, label: name }))]}
        onChange={(value) => onChange(value === NONE ? null : value)}
      />
    </Field>
  );
}
