import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";

import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemNote } from "@/components/ui/problem";
import { useAddBaseModel } from "@/entities/model/add";
import { readReference } from "@/entities/model/reference";
import { jobPage } from "@/lib/routes";

import { ImportProgress } from "@/entities/model/import-progress";

const FORM = "add-base-model";

/** A base model by reference: found where it is known, else imported by a job whose progress shows here. */
export function AddDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations("models.add");
  const terms = useTranslations("terms");
  const [text, setText] = useState("");
  const [isTouched, setTouched] = useState(false);
  const add = useAddBaseModel();
  const written = readReference(text);
  const error = isTouched && written.kind === "wrong" ? t(`wrong.${written.why}`) : isTouched && written.kind === "empty" ? t("wrong.empty") : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTouched(true);
    if (written.kind === "reference") add.mutate(written.reference);
  };
  const jobId = add.data?.kind === "importing" ? add.data.job.id : null;
  return (
    <Dialog
      open
      title={t("title")}
      description={t("description")}
      onOpenChange={(open) => !open && onClose()}
      actions={
        <>
          <DialogClose>
            <Button>{t(add.data ? "close" : "cancel")}</Button>
          </DialogClose>
          {jobId ? (
            <LinkButton href={jobPage(jobId)}>{t("toJob")}</LinkButton>
          ) : (
            <Button type="submit" form={FORM} variant="primary" pending={add.isPending}>
              {t("submit")}
            </Button>
          )}
        </>
      }
    >
      <form id={FORM} noValidate onSubmit={submit} className="grid gap-3">
        <Field label={t("reference")} explanation={terms("words.reference")} description={t(written.kind === "reference" ? `hints.${written.source}` : "hints.none")} error={error}>
          <Input
            autoFocus
            spellCheck={false}
            autoComplete="off"
            placeholder="hf:owner/name@revision"
            value={text}
            disabled={jobId !== null}
            onBlur={() => setTouched(text.trim() !== "")}
            onChange={(event) => {
              setText(event.currentTarget.value);
              add.reset();
            }}
            className="font-mono"
          />
        </Field>
        {written.kind === "reference" && written.reference !== text.trim() && (
          <p className="text-xs text-ink-2">{t("reads", { reference: written.reference })}</p>
        )}
        <div aria-live="polite" className="min-h-6">
          {add.data?.kind === "known" && <p className="text-good">{t("known", { reference: add.data.model.reference })}</p>}
          {jobId && <ImportProgress jobId={jobId} onLeave={onClose} />}
        </div>
        <ProblemNote problem={add.error} />
      </form>
    </Dialog>
  );
}
