"use client";

import { Pencil, Send, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { IconButton } from "@/components/ui/icon-button";
import { ProblemNote } from "@/components/ui/problem";
import { Switch } from "@/components/ui/switch";
import { notify } from "@/components/ui/toast";
import { useChangeWebhook, useRemoveWebhook, useTryWebhook } from "@/entities/webhook/queries";
import type { WebhookOut } from "@/lib/api/generated/types.gen";

import { Deliveries } from "./deliveries";
import { WebhookForm } from "./webhook-form";

/** One address: what it is told, what can be done with it, and how the last messages went. */
export function WebhookItem({ webhook }: { webhook: WebhookOut }) {
  const t = useTranslations("notifications.webhooks");
  const [isEditing, setEditing] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const change = useChangeWebhook(webhook.id);
  const attempt = useTryWebhook(webhook.id);
  const send = () => attempt.mutate(undefined);
  const { url } = webhook;
  return (
    <li className="grid gap-2 px-3.5 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <span translate="no" className="min-w-0 grow basis-64 font-mono text-xs [overflow-wrap:anywhere]">
          {url}
        </span>
        {webhook.from_settings ? (
          <Badge>{t("fromSettings")}</Badge>
        ) : (
          <Switch label={t("enabled")} checked={webhook.enabled} onChange={(enabled) => change.mutate({ enabled })} disabled={change.isPending} />
        )}
        <Button size="sm" onClick={send} pending={attempt.isPending}>
          <Send aria-hidden />
          {t("test")}
        </Button>
        {!webhook.from_settings && (
          <>
            <IconButton size="sm" label={t("edit")} onClick={() => setEditing(!isEditing)} aria-expanded={isEditing}>
              <Pencil aria-hidden />
            </IconButton>
            <IconButton size="sm" label={t("remove")} onClick={() => setRemoving(true)}>
              <Trash2 aria-hidden />
            </IconButton>
          </>
        )}
      </div>
      <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-ink-3">
        <span>{webhook.events.map((event) => t(`event.${event}`)).join(t("and"))}</span>
        <span>{t(`shapes.${webhook.shape}`)}</span>
        <span>{t(`signatures.${webhook.signature}`)}</span>
      </p>
      {webhook.signature === "lost" && <p className="text-pretty text-bad">{t("lost")}</p>}
      <ProblemNote problem={change.error ?? attempt.error} />
      {isEditing && <WebhookForm webhook={webhook} onClose={() => setEditing(false)} />}
      <Deliveries webhook={webhook} />
      {isRemoving && <RemoveDialog webhook={webhook} onClose={() => setRemoving(false)} />}
    </li>
  );
}

function RemoveDialog({ webhook, onClose }: { webhook: WebhookOut; onClose: () => void }) {
  const t = useTranslations("notifications.webhooks.removing");
  const remove = useRemoveWebhook(webhook.id);
  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        notify.good(t("done"));
        onClose();
      },
    });
  return (
    <ConfirmDialog title={t("title")} description={t("description")} confirm={t("confirm")} pending={remove.isPending} problem={remove.error} onConfirm={confirm} onClose={onClose}>
      <p translate="no" className="font-mono text-xs [overflow-wrap:anywhere]">{webhook.url}</p>
    </ConfirmDialog>
  );
}
