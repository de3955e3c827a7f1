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
import { OLLAMA_FORMS } from "@/entities/ollama/forms";
import { useOllamaModels } from "@/entities/ollama/queries";
import { freeTag } from "@/entities/ollama/tag";
import type { DeploymentOut, JobDetail } from "@/lib/api/generated/types.gen";
import { newKey } from "@/lib/api/idempotency";
import { asProblem } from "@/lib/problem";
import { FILES, LLAMA_FORMATS, nameOf, type Output, type Standing, standings, type Way, WAYS, wishFor } from "./outputs";
import { useFormName } from "./use-output-name";

const LONGEST_NAME = { llama_cpp: 200, ollama: 242 } as const;
const FORMATS: Readonly<Record<Way, readonly string[]>> = { llama_cpp: LLAMA_FORMATS, ollama: OLLAMA_FORMS, gguf: FILES };

interface MakeDialogProps {
  training: JobDetail;
  jobs: readonly JobDetail[];
  deployments: readonly DeploymentOut[];
  onClose: () => void;
}

/** What is to be made of a finished training: a deployment, or a file. What there is already cannot be chosen. */
export function MakeDialog({ training, jobs, deployments, onClose }: MakeDialogProps) {
  const t = useTranslations("job.outputs");
  const standing = standings(training, jobs, deployments);
  const [asked, setAsked] = useState<{ way: Way; formats: Partial<Record<Way, string>> }>({ way: "llama_cpp", formats: {} });
  const [names, setNames] = useState({ llama_cpp: "", ollama: "" });
  const [replace, setReplace] = useState(false);
  const ollama = useOllamaModels().data?.ollama;
  const { way } = asked;
  const isAway = way === "ollama" && ollama !== undefined && ollama.state !== "running";
  const free = FORMATS[way].filter((format) => !standing.has(nameOf({ way, format })));
  const chosen = asked.formats[way];
  const format = chosen !== undefined && free.includes(chosen) ? chosen : free[0];
  const output: Output | null = format === undefined ? null : { way, format };
  const { make, isPending, problem, forget } = useMake(training, onClose);
  const name = way === "gguf" ? "" : names[way];
  const isTaken = (problem?.code === "ollama_tag_taken" || problem?.code === "deploy_name_awaited") && way === "ollama";
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
            {t(`dialog.begin.${way === "gguf" ? "gguf" : "deploy"}`)}
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
          options={WAYS.map((one) => ({ value: one, label: t(`ways.${one}`) }))}
          className="justify-self-start"
        />
        <p className="text-pretty text-ink-2">{t(`what.${way}`)}</p>
        {isAway && (
          <p role="status" className="text-pretty text-caution">
            {t(ollama.state === "failing" ? "ollamaFailing" : "ollamaAway")}
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
        {way !== "gguf" && (
          <Field label={t(`name.${way}`)} optional description={t("name.hint")}>
            <Input
              value={names[way]}
              maxLength={LONGEST_NAME[way]}
              placeholder={way === "ollama" ? freeTag(training, OLLAMA_FORMS.find((one) => one === format) ?? "auto", jobs, deployments) : undefined}
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
        {(isTaken || (replace && way === "ollama")) && <Switch label={t("replace")} checked={replace} onChange={setReplace} className="text-xs" />}
        <ProblemNote problem={problem} />
      </div>
    </Dialog>
  );
}

interface FormatFieldProps {
  way: Way;
  format: string | undefined;
  standing: ReadonlyMap<string, Standing>;
  onChange: (format: string) => void;
}

function FormatField({ way, format, standing, onChange }: FormatFieldProps) {
  const t = useTranslations("job.outputs");
  const nameOfForm = useFormName();
  const options = FORMATS[way].map((one): Option => {
    const is = standing.get(nameOf({ way, format: one }));
    return { value: one, label: nameOfForm({ way, format: one }), hint: is && t(`standing.${is}`), disabled: is !== undefined };
  });
  return (
    <Field label={t("dialog.format")} description={t(`formatHint.${way}`)} error={format === undefined ? t("allMade") : undefined}>
      <Select options={options} value={format ?? null} onChange={onChange} disabled={format === undefined} />
    </Field>
  );
}

/** Make it: once for one wish, however often it is tried. */
function useMake(training: JobDetail, onMade: () => void) {
  const t = useTranslations("job.outputs");
  const making = useMakeOutput(training.id);
  const wanted = useRef({ text: "", key: "" });
  const make = (output: Output, choice: { name: string; replace: boolean }) => {
    const wish = wishFor(training, output, choice);
    const text = JSON.stringify(wish);
    if (wanted.current.text !== text) wanted.current = { text, key: newKey() };
    making.mutate(
      { wish, key: wanted.current.key },
      {
        onSuccess: () => {
          notify.good(t(output.way === "gguf" ? "begun.gguf" : "begun.deploy"));
          onMade();
        },
      },
    );
  };
  return { make, isPending: making.isPending, problem: making.error === null ? null : asProblem(making.error), forget: making.reset };
}
