"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useId, useState } from "react";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useProblemWords } from "@/components/ui/problem";
import { useShowToken } from "@/entities/system/session";

interface TokenDialogProps {
  open: boolean;
  onClose: () => void;
  onUnlocked: () => void;
}

/** Asks for the token that the server was started with. */
export function TokenDialog({ open, onClose, onUnlocked }: TokenDialogProps) {
  const t = useTranslations("common.token");
  const words = useProblemWords();
  const form = useId();
  const [token, setToken] = useState("");
  const [isMissing, setIsMissing] = useState(false);
  const show = useShowToken(onUnlocked);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = token.trim();
    setIsMissing(given === "");
    if (given !== "" && !show.isPending) show.mutate(given);
  };
  const change = (value: string) => {
    setToken(value);
    setIsMissing(false);
    if (show.isError) show.reset();
  };
  const refusal = show.error && (show.error.status === 401 ? t("wrong") : words(show.error));
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && onClose()}
      title={t("title")}
      description={t("description")}
      actions={
        <>
          <Button variant="quiet" onClick={onClose}>
            {t("later")}
          </Button>
          <Button type="submit" form={form} variant="primary" pending={show.isPending}>
            {t("show")}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} noValidate>
        <Field label={t("label")} error={isMissing ? t("missing") : refusal}>
          <Input
            type="password"
            autoComplete="current-password"
            autoFocus
            spellCheck={false}
            value={token}
            onValueChange={change}
            className="font-mono"
          />
        </Field>
      </form>
    </Dialog>
  );
}
