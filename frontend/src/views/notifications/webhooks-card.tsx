"use client";

import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { useWebhooks } from "@/entities/webhook/queries";

import { WebhookForm } from "./webhook-form";
import { WebhookItem } from "./webhook-item";

/** The addresses that are told, and how that went. */
export function WebhooksCard() {
  const t = useTranslations("notifications.webhooks");
  const query = useWebhooks();
  const [isAdding, setAdding] = useState(false);
  const webhooks = query.data ?? [];
  return (
    <Card
      flush
      title={t("title")}
      aside={
        !isAdding && (
          <Button size="sm" onClick={() => setAdding(true)}>
            <Plus aria-hidden />
            {t("add")}
          </Button>
        )
      }
    >
      <QueryBoundary
        query={query}
        waiting={null}
        isEmpty={webhooks.length === 0 && !isAdding}
        empty={<p className="px-3.5 pb-3.5 text-pretty text-ink-2">{t("empty")}</p>}
        problemClassName="mx-3.5 mb-3.5"
      >
        {isAdding && (
          <div className="border-t px-3.5 py-3">
            <WebhookForm webhook={null} onClose={() => setAdding(false)} />
          </div>
        )}
        <ul aria-label={t("title")} className="divide-y border-t empty:hidden">
          {webhooks.map((webhook) => (
            <WebhookItem key={webhook.id} webhook={webhook} />
          ))}
        </ul>
      </QueryBoundary>
    </Card>
  );
}
