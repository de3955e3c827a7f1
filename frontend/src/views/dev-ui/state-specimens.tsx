"use client";

import { Database } from "lucide-react";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Loading, Skeleton } from "@/components/ui/skeleton";

export function StateSpecimens() {
  const t = useTranslations("devUi.words");
  return (
    <div className="grid items-start gap-3 lg:grid-cols-2">
      <Card flush className="lg:row-span-2">
        <EmptyState
          icon={<Database aria-hidden />}
          title={t("emptyTitle")}
          description={t("emptyText")}
          action={<Button variant="primary">{t("addData")}</Button>}
        />
      </Card>
      <ErrorState detail={t("errorText")} code="dataset_not_found" requestId="req_7f3a" onRetry={() => undefined} />
      <Card>
        <Loading className="grid gap-2">
          <Skeleton className="w-2/3" />
          <Skeleton />
          <Skeleton className="w-1/2" />
        </Loading>
      </Card>
    </div>
  );
}
