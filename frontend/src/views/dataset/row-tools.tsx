"use client";

import { CornerDownRight, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { debounce } from "nuqs";
import { type FormEvent, useState } from "react";

import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { placeOfRow, useFindings } from "@/entities/dataset/row-search";
import type { Item } from "@/entities/dataset/token-view";
import type { DatasetDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { partsOf } from "./parts";
import { type DatasetState, NO_FILTER } from "./use-dataset-state";

const ALL = "";
const WRITE_AFTER_MS = 250;
/** As the API bounds it. */
const LONGEST_SEARCH = 200;

/** What a code of the API is called; a later one stands for itself. */
function wordOf<Key extends string>(words: { (key: Key): string; has: (key: Key) => boolean }, code: string): string {
  return words.has(code as Key) ? words(code as Key) : code;
}

interface RowToolsProps {
  dataset: DatasetDetail;
  state: DatasetState;
  /** Rows of the page: what they consist of can be searched by itself. */
  items: readonly Item[];
}

/** What narrows the rows down, and leads to one of them. */
export function RowTools({ dataset, state, items }: RowToolsProps) {
  const t = useTranslations("dataset.rows.tools");
  const roles = useTranslations("datasets.roles");
  const parts = partsOf(items, state.part).map((value) => ({ value, label: wordOf(roles, value) }));
  const set = (next: Parameters<DatasetState["set"]>[0]) => void state.set({ bin: null, ...next });
  const words = (q: string) => void state.set({ bin: null, q: q || null }, q ? { limitUrlUpdates: debounce(WRITE_AFTER_MS) } : undefined);
  return (
    <div role="search" aria-label={t("label")} className="flex flex-wrap items-center gap-2 border-b px-3.5 pb-2.5">
      <div className="w-full sm:w-52">
        <Input
          type="search"
          aria-label={t("words")}
          placeholder={t("words")}
          maxLength={LONGEST_SEARCH}
          value={state.q}
          onValueChange={words}
          before={<Search aria-hidden />}
        />
      </div>
      {parts.length > 1 && (
        <div className="w-32 max-sm:grow">
          <Select
            label={t("part")}
            value={state.part ?? ALL}
            options={[{ value: ALL, label: t("anyPart") }, ...parts]}
            onChange={(part) => set({ part: part || null })}
          />
        </div>
      )}
      <div className="w-48 max-sm:grow">
        <Problems dataset={dataset} value={state.problem} onChange={(problem) => set({ problem })} />
      </div>
      <Lengths state={state} onChange={set} />
      <Jump id={dataset.id} onJump={(at) => void state.set({ ...NO_FILTER, at })} />
    </div>
  );
}

interface ProblemsProps {
  dataset: DatasetDetail;
  value: string | null;
  onChange: (code: string | null) => void;
}

/** What was found among the rows, with how often. */
function Problems({ dataset, value, onChange }: ProblemsProps) {
  const t = useTranslations("dataset.rows.tools");
  const names = useTranslations("dataset.findings.names");
  const format = useFormat();
  const findings = useFindings(dataset.id).data?.data ?? [];
  const nameOf = (code: string) => wordOf(names, code);
  const known = findings.map(({ code, count }) => ({ value: code, label: nameOf(code), hint: format.number(count) }));
  const isKnown = value === null || known.some((one) => one.value === value);
  const options = [{ value: ALL, label: t("anyProblem") }, ...known, ...(isKnown ? [] : [{ value, label: nameOf(value) }])];
  return <Select label={t("problem")} value={value ?? ALL} options={options} onChange={(code) => onChange(code || null)} />;
}

/** The number in what was typed, also in full-width digits. */
function digitsOf(text: string): string {
  return text.normalize("NFKC").replace(/\D/g, "");
}

function numberIn(text: string): number | null {
  const digits = digitsOf(text);
  return digits === "" ? null : Number(digits);
}

interface LengthsProps {
  state: DatasetState;
  onChange: (next: { shortest?: number | null; longest?: number | null }) => void;
}

function Lengths({ state, onChange }: LengthsProps) {
  const t = useTranslations("dataset.rows.tools");
  const [texts, setTexts] = useState({ shortest: String(state.shortest ?? ""), longest: String(state.longest ?? "") });
  const field = (name: "shortest" | "longest") => (
    <div className="w-20">
      <Input
        inputMode="numeric"
        aria-label={t(name)}
        placeholder={t(name === "shortest" ? "from" : "to")}
        maxLength={9}
        value={numberIn(texts[name]) === state[name] ? texts[name] : String(state[name] ?? "")}
        onValueChange={(text) => {
          setTexts({ ...texts, [name]: text }); // as it is typed: what changes it would break a composition off
          onChange({ [name]: numberIn(text) });
        }}
      />
    </div>
  );
  return (
    <div role="group" aria-label={t("length")} className="flex items-center gap-1.5 text-xs text-ink-3">
      <span aria-hidden>{t("length")}</span>
      {field("shortest")}
      <span aria-hidden>–</span>
      {field("longest")}
    </div>
  );
}

/** To a row by its number; where it was left out, to the next. */
function Jump({ id, onJump }: { id: string; onJump: (at: number) => void }) {
  const t = useTranslations("dataset.rows.tools");
  const [text, setText] = useState("");
  const [isLost, setLost] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const jump = (event: FormEvent) => {
    event.preventDefault();
    const row = Number(digitsOf(text));
    if (row < 1) return;
    setBusy(true);
    placeOfRow(id, row)
      .then((at) => (at === null ? setLost(true) : onJump(at)), () => setLost(true))
      .finally(() => setBusy(false));
  };
  return (
    <form onSubmit={jump} className="flex items-center gap-1.5">
      <div className="w-28">
        <Input
          inputMode="numeric"
          aria-label={t("row")}
          aria-invalid={isLost}
          placeholder={t("row")}
          maxLength={9}
          value={text}
          onValueChange={(value) => {
            setText(value);
            setLost(false);
          }}
        />
      </div>
      <Button type="submit" size="sm" pending={isBusy} disabled={digitsOf(text) === ""}>
        <CornerDownRight aria-hidden />
        {t("jump")}
      </Button>
      <span role="status" className="text-xs text-bad empty:hidden">
        {isLost && t("noRow")}
      </span>
    </form>
  );
}
