"use client";

import { useTranslations } from "next-intl";
import { useRef, useState } from "react";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import type { Option } from "@/components/ui/option";
import { ProblemNote } from "@/components/ui/problem";
import { Segmented } from "@/components/ui/segmented";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { notify } from "@/components/ui/toast";
import { useMakeOutput } from "@/entities/job/make-output";
import { useRecipeBook } from "@/entities/recipe/queries";
import { FILE_KINDS, fileParts, isFileKind, partsOf, useServers } from "@/entities/target/registry";
import { useWayWords } from "@/entities/target/use-words";
import type { DeploymentOut, JobDetail } from "@/lib/api/generated/types.gen";
import { newKey } from "@/lib/api/idempotency";
import { asProblem } from "@/lib/problem";
import { nameOf, type Output, type Standing, standings, wishFor } from "./outputs";
import { useFormName } from "./use-output-name";

/** A target without forms is made available in the only one that it has. */
const formatsOf = (way: string): readonly string[] => {
  if (isFileKind(way)) return fileParts(way).formats;
  const { forms } = partsOf(way);
  return forms.length > 0 ? forms : [""];
};

interface MakeDialogProps {
  training: JobDetail;
  jobs: readonly JobDetail[];
  deployments: readonly DeploymentOut[];
  onClose: () => void;
}

/** What is to be made of a finished training: a deployment, or a file. What there is already cannot be chosen. */
export function MakeDialog({ training, jobs, deployments, onClose }: MakeDialogProps) {
  const t = useTranslations("job.outputs");
  const book = useRecipeBook();
  const words = useWayWords();
  const standing = standings(training, jobs, deployments, book);
  const [asked, setAsked] = useState<{ way: string | null; formats: Readonly<Record<string, string>> }>({ way: null, formats: {} });
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const [replace, setReplace] = useState(false);
  const servers = useServers();
  const left = training.artifacts.map(({ kind }) => kind);
  const ways = [...book.targetsFor(left).map(({ name }) => name), ...FILE_KINDS.filter((kind) => book.canMake(kind, left))];
  const way = asked.way ?? ways[0] ?? FILE_KINDS[0] ?? "";
  const server = servers[way] ?? "running";
  const isAway = server !== "unknown" && server !== "running";
  const free = formatsOf(way).filter((format) => !standing.has(nameOf({ way, format })));
  const chosen = asked.formats[way];
  const format = chosen !== undefined && free.includes(chosen) ? chosen : free[0];
  const output: Output | null = format === undefined ? null : { way, format };
  const { make, isPending, problem, forget } = useMake(training, onClose);
  const name = names[way] ?? "";
  const isNamed = words.isNamed(way);
  const isTaken = (problem?.code === "ollama_tag_taken" || problem?.code === "deploy_name_awaited") && isNamed;
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={t("dialog.title")}
      description={t("dialog.description")}
      actions={
        <>
          <Button variant="quiet" onClick={onClose}>
            {t("dialog.cancel")}
          </Button>
          <Button variant="primary" pending={isPending} disabled={output === null || isAway} onClick={() => output && make(output, { name, replace })}>
            {t(`dialog.begin.${isFileKind(way) ? "file" : "deploy"}`)}
          </Button>
        </>
      }
    >
      <div className="grid gap-3 pb-1">
        <Segmented
          label={t("dialog.way")}
          value={way}
          onChange={(next) => {
            forget();
            setAsked({ ...asked, way: next });
          }}
          options={ways.map((one) => ({ value: one, label: isFileKind(one) ? t(`ways.${one}.make`) : words.wayOf(one) }))}
          className="justify-self-start"
        />
        <p className="text-pretty text-ink-2">{isFileKind(way) ? t(`ways.${way}.what`) : words.whatOf(way)}</p>
        {isAway && (
          <p role="status" className="text-pretty text-caution">
            {t(server === "failing" ? "failing" : "away", { target: words.nameOf(way) })}
          </p>
        )}
        <FormatField
          way={way}
          format={format}
          standing={standing}
          onChange={(next) => {
            forget();
            setAsked({ way, formats: { ...asked.formats, [way]: next } });
          }}
        />
        {!isFileKind(way) && (
          <Field label={isNamed ? t("name.tag", { target: words.nameOf(way) }) : t("name.deployment")} optional description={t("name.hint")}>
            <Input
              value={name}
              maxLength={partsOf(way).longestName}
              placeholder={partsOf(way).freeName?.(training, format ?? "", jobs, deployments)}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              onValueChange={(next) => {
                forget();
                setReplace(false);
                setNames({ ...names, [way]: next });
              }}
            />
          </Field>
        )}
        {(isTaken || (replace && isNamed)) && <Switch label={t("replace")} checked={replace} onChange={setReplace} className="text-xs" />}
        <ProblemNote problem={problem} />
      </div>
    </Dialog>
  );
}

interface FormatFieldProps {
  way: string;
  format: string | undefined;
  standing: ReadonlyMap<string, Standing>;
  onChange: (format: string) => void;
}

function FormatField({ way, format, standing, onChange }: FormatFieldProps) {
  const t = useTranslations("job.outputs");
  const nameOfForm = useFormName();
  const { merges } = useRecipeBook().target(way) ?? { merges: false };
  if (formatsOf(way).every((one) => one === "")) return null;
  const options = formatsOf(way).map((one): Option => {
    const is = standing.get(nameOf({ way, format: one }));
    return { value: one, label: nameOfForm({ way, format: one }), hint: is && t(`standing.${is}`), disabled: is !== undefined };
  });
  return (
    <Field label={t("dialog.format")} description={isFileKind(way) ? t(`ways.${way}.hint`) : t(`formatHint.${merges ? "merged" : "beside"}`)} error={format === undefined ? t("allMade") : undefined}>
      <Select options={options} value={format ?? null} onChange={onChange} disabled={format === undefined} />
    </Field>
  );
}

/** Make it: once for one wish, however often it is tried. */
function useMake(training: JobDetail, onMade: () => void) {
  const t = useTranslations("job.outputs");
  const book = useRecipeBook();
  const making = useMakeOutput(training.id);
  const wanted = useRef({ text: "", key: "" });
  const make = (output: Output, choice: { name: string; replace: boolean }) => {
    const wish = wishFor(training, output, choice, book);
    const text = JSON.stringify(wish);
    if (wanted.current.text !== text) wanted.current = { text, key: newKey() };
    making.mutate(
      { wish, key: wanted.current.key },
      {
        onSuccess: () => {
          notify.good(t(isFileKind(output.way) ? "begun.file" : "begun.deploy"));
          onMade();
        },
      },
    );
  };
  return { make, isPending: making.isPending, problem: making.error === null ? null : asProblem(making.error), forget: making.reset };
}
