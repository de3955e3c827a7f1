import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";

import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Field } from "@/components/ui/field";
import { useProblemWords } from "@/components/ui/problem";
import { pulledName } from "@/entities/ollama/pulls";
import { usePullModel } from "@/entities/ollama/queries";
import type { JobOut, OllamaModelOut } from "@/lib/api/generated/types.gen";

import { PullRow } from "./pull-row";

const EXAMPLE = "smollm2:135m";

/** Bring a model of Ollama's library in, and those that are on their way. */
export function OllamaPull({ pulls, installed }: { pulls: readonly JobOut[]; installed: readonly OllamaModelOut[] }) {
  const t = useTranslations("models.ollama.pull");
  const words = useProblemWords();
  const pull = usePullModel();
  const [name, setName] = useState("");
  const [isMissing, setMissing] = useState(false);
  const there = pull.data?.kind === "there" ? pull.data.check : null;
  const request = (anew: boolean) =>
    pull.mutate(
      { name: name.trim(), anew },
      { onSuccess: (requested) => requested.kind === "pulling" && setName("") },
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(name.trim() === "");
    if (name.trim() !== "" && !pull.isPending) request(false);
  };
  const change = (next: string) => {
    setName(next);
    setMissing(false);
    pull.reset();
  };
  return (
    <div className="grid gap-2 border-t px-3.5 py-2.5">
      <form noValidate onSubmit={submit} className="flex items-start gap-2">
        <Field label={t("label")} error={isMissing ? t("missing") : pull.error ? words(pull.error) : undefined} className="min-w-0 grow sm:max-w-80">
          <Input
            value={name}
            onValueChange={change}
            placeholder={EXAMPLE}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            enterKeyHint="go"
            className="font-mono"
          />
        </Field>
        <Button type="submit" pending={pull.isPending} className="mt-5.5 h-8 shrink-0">
          <Download aria-hidden />
          {t("submit")}
        </Button>
      </form>
      <div role="status" className="empty:hidden">
        {there && (
          <p className="flex flex-wrap items-center gap-2">
            {t("there", { name: there.name })}
            <Button size="sm" onClick={() => request(true)}>
              {t("anew")}
            </Button>
          </p>
        )}
      </div>
      {pulls.length > 0 && (
        <ul aria-label={t("list")} className="divide-y border-t">
          {pulls.map((job) => (
            <PullRow key={pulledName(job)} job={job} isInstalled={installed.some((one) => one.name === job.config["name"])} />
          ))}
        </ul>
      )}
    </div>
  );
}
