"use client";

import { useLocale, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";

import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useProblemWords } from "@/components/ui/problem";
import { Select } from "@/components/ui/select";
import { notify } from "@/components/ui/toast";
import { useAddWebhook, useChangeWebhook } from "@/entities/webhook/queries";
import type { WebhookIn, WebhookOut } from "@/lib/api/generated/types.gen";

export const EVENTS = ["finished", "failed", "cancelled", "deployed"] as const;
type Event = (typeof EVENTS)[number];
const SHAPES = ["json", "slack", "discord"] as const;
const LANGUAGES = ["ja", "en"] as const;
const LONGEST_URL = 2048;
const LONGEST_SECRET = 256;

/** An address to tell, anew or changed. A secret that is not typed stays as it is. */
export function WebhookForm({ webhook, onClose }: { webhook: WebhookOut | null; onClose: () => void }) {
  const t = useTranslations("notifications.webhooks");
  const words = useProblemWords();
  const locale = useLocale();
  const add = useAddWebhook();
  const change = useChangeWebhook(webhook?.id ?? "");
  const saving = webhook ? change : add;
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [shape, setShape] = useState<NonNullable<WebhookIn["shape"]>>(webhook?.shape ?? "auto");
  const [language, setLanguage] = useState<"ja" | "en">(webhook?.language ?? locale);
  const [events, setEvents] = useState<ReadonlySet<string>>(new Set(webhook?.events ?? EVENTS));
  const [secret, setSecret] = useState("");
  const [fault, setFault] = useState<"url" | "events" | null>(null);
  const done = {
    onSuccess: () => {
      notify.good(t("saved"));
      onClose();
    },
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const missing = url.trim() === "" ? "url" : events.size === 0 ? "events" : null;
    setFault(missing);
    if (missing || saving.isPending) return;
    const chosen = EVENTS.filter((one): one is Event => events.has(one));
    const given = { url: url.trim(), language, events: chosen, pages_url: webhook?.pages_url ?? window.location.origin, ...(secret && { secret }) };
    if (!webhook) add.mutate({ ...given, shape }, done);
    else change.mutate({ ...given, ...(shape !== "auto" && { shape }) }, done);
  };
  const toggle = (event: Event) => (isOn: boolean) => {
    const next = new Set(events);
    if (isOn) next.add(event);
    else next.delete(event);
    setEvents(next);
    setFault(null);
  };
  return (
    <form noValidate onSubmit={submit} className="grid gap-3">
      <Field label={t("url")} description={t("urlHint")} error={fault === "url" ? t("urlMissing") : saving.error ? words(saving.error) : undefined}>
        <Input
          autoFocus
          type="url"
          spellCheck={false}
          autoComplete="off"
          placeholder="https://"
          maxLength={LONGEST_URL}
          value={url}
          onValueChange={(next) => {
            setUrl(next);
            setFault(null);
            saving.reset();
          }}
          className="font-mono"
        />
      </Field>
      <fieldset className="grid gap-1.5">
        <legend className="mb-1 text-xs font-medium text-ink-2">{t("events")}</legend>
        <div className="flex flex-wrap gap-x-5 gap-y-1.5">
          {EVENTS.map((event) => (
            <Checkbox key={event} label={t(`event.${event}`)} checked={events.has(event)} onChange={toggle(event)} />
          ))}
        </div>
        {fault === "events" && <p role="alert" className="text-xs text-bad">{t("eventsMissing")}</p>}
      </fieldset>
      <div className="grid gap-3 sm:grid-cols-3">
        <Field label={t("shape")} description={t("shapeHint")}>
          <Select
            value={shape}
            onChange={setShape}
            options={[...(webhook ? [] : (["auto"] as const)), ...SHAPES].map((value) => ({ value, label: t(`shapes.${value}`) }))}
          />
        </Field>
        <Field label={t("language")}>
          <Select value={language} onChange={setLanguage} options={LANGUAGES.map((value) => ({ value, label: t(`languages.${value}`) }))} />
        </Field>
        <Field label={t("secret")} optional={!webhook} description={t(webhook?.signature === "signed" ? "secretKept" : "secretHint")}>
          <Input type="password" autoComplete="off" spellCheck={false} maxLength={LONGEST_SECRET} value={secret} onValueChange={setSecret} className="font-mono" />
        </Field>
      </div>
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={saving.isPending}>
          {t("save")}
        </Button>
        <Button onClick={onClose}>{t("cancel")}</Button>
      </div>
    </form>
  );
}
