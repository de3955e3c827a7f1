import { MessageSquare } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { useState } from "react";

import { Button } from "@/components/ui/button";
import { Drawer } from "@/components/ui/drawer";
import { LinkButton } from "@/components/ui/link-button";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { Tabs } from "@/components/ui/tabs";
import { shortName } from "@/entities/chat/choose";
import { AcceptDialog } from "@/entities/model/accept-dialog";
import { DeploymentBadge } from "@/entities/model/deployment-badge";
import { askToDelete } from "@/entities/label/asked";
import { LabelLine } from "@/entities/label/label-line";
import { useDoomedDeployment } from "@/entities/model/use-doomed";
import { useDeployment } from "@/entities/model/queries";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";
import { tryPage } from "@/lib/routes";

import { DeployAgainDialog } from "./deploy-again-dialog";
import { DeviationNote } from "./deviation-note";
import { GatesPanel } from "@/entities/model/gates-panel";
import { SealPanel } from "./seal-panel";
import { UsePanel } from "./use-panel";

const TABS = ["gates", "seal", "use"] as const;

/** One tuned model: its checks with their numbers, its seal, how to call it. */
export function DeploymentDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useTranslations("models.drawer");
  const query = useDeployment(id);
  const deployment = query.data;
  const [tab, setTab] = useQueryState("tab", parseAsStringLiteral(TABS).withDefault("gates"));
  return (
    <Drawer
      open
      title={deployment ? shortName(deployment.name) : t("title")}
      description={deployment ? <DeploymentBadge deployment={deployment} /> : undefined}
      onOpenChange={(open) => !open && onClose()}
      actions={deployment && <Actions deployment={deployment} onClose={onClose} />}
    >
      <QueryBoundary
        query={query}
        problemClassName="mb-3"
        waiting={
          <Loading className="grid gap-3">
            <Skeleton className="w-1/2" />
            <Skeleton className="h-40" />
          </Loading>
        }
      >
        {deployment && (
          <div className="mb-3">
            <LabelLine thing={{ ...deployment, kind: "deployment", isPlaced: true }} list="/models" />
          </div>
        )}
        {deployment && <DeviationNote deployment={deployment} />}
        {deployment && (
          <Tabs
            label={t("title")}
            value={tab}
            onChange={(next) => void setTab(next)}
            tabs={[
              { value: "gates", label: t("gates"), panel: <GatesPanel deployment={deployment} /> },
              { value: "seal", label: t("seal"), panel: <SealPanel deployment={deployment} /> },
              { value: "use", label: t("use"), panel: <UsePanel deployment={deployment} /> },
            ]}
          />
        )}
      </QueryBoundary>
    </Drawer>
  );
}

function Actions({ deployment, onClose }: { deployment: DeploymentOut; onClose: () => void }) {
  const t = useTranslations("models.menu");
  const [asking, setAsking] = useState<"accept" | "again" | null>(null);
  const hasTags = useRecipeBook().target(deployment.target)?.has_tags ?? false;
  const close = () => setAsking(null);
  const doomed = useDoomedDeployment();
  return (
    <>
      <Button
        variant="danger"
        className="mr-auto"
        aria-haspopup="dialog"
        onClick={() => askToDelete("deployment", [doomed(deployment)], (ids) => ids.length > 0 && onClose())}
      >
        {t("delete")}
      </Button>
      {deployment.state === "rejected" && <Button onClick={() => setAsking("accept")}>{t("accept")}</Button>}
      {deployment.deviation && (
        <Button variant="primary" onClick={() => setAsking("again")}>
          {t(hasTags ? "register" : "deploy")}
        </Button>
      )}
      {deployment.state === "ready" && (
        <LinkButton variant="primary" href={tryPage(deployment)}>
          <MessageSquare aria-hidden />
          {t(deployment.predictor ? "try" : "chat")}
        </LinkButton>
      )}
      {asking === "accept" && <AcceptDialog deployment={deployment} onClose={close} />}
      {asking === "again" && <DeployAgainDialog deployment={deployment} onClose={close} />}
    </>
  );
}
