"use client";

import { Copy, CopyPlus, Ellipsis, GitCompareArrows, Play, Square, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useMemo, useState } from "react";

import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { lazyLayer, useWasOpened } from "@/components/ui/lazy-layer";
import { LinkButton } from "@/components/ui/link-button";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { notify } from "@/components/ui/toast";
import { type Chain, isOver, openJobs } from "@/entities/job/chain";
import { useRecipeBook } from "@/entities/recipe/queries";
import { type Action, useOfferActions } from "@/lib/actions";
import { useApiUrl } from "@/lib/api/address";
import type { DeploymentOut, JobDetail, JobOut } from "@/lib/api/generated/types.gen";
import { copyText } from "@/lib/clipboard";
import { takeLostFocus } from "@/lib/focus";
import { comparison, newTraining, tryPage } from "@/lib/routes";
import { curlOf } from "./request-command";

const CancelChainsDialog = lazyLayer(() => import("@/entities/job/chain-dialogs").then((loaded) => loaded.CancelChainsDialog));
const DeleteChainsDialog = lazyLayer(() => import("@/entities/job/chain-dialogs").then((loaded) => loaded.DeleteChainsDialog));

interface HeaderActionsProps {
  job: JobDetail;
  chain: Chain;
  /** The job that can go on where it ended. */
  next: JobOut | null;
  deployment: DeploymentOut | null;
  isResuming: boolean;
  onResume: (job: { id: string }) => void;
}

/** What can be done with the job; the one thing to do next stands out. */
export function HeaderActions({ job, chain, next, deployment, isResuming, onResume }: HeaderActionsProps) {
  const t = useTranslations("job.actions");
  const router = useRouter();
  const apiUrl = useApiUrl();
  const [asked, setAsked] = useState<"stop" | "delete" | null>(null);
  const [wasStopAsked, wasDeleteAsked] = [useWasOpened(asked === "stop"), useWasOpened(asked === "delete")];
  const isTraining = useRecipeBook().trains(job.recipe);
  const canStop = openJobs(chain).length > 0;
  const canChat = deployment?.state === "ready";
  const copyCurl = async () => {
    if (await copyText(curlOf(job, apiUrl))) notify.good(t("curlCopied"));
    else notify.bad(t("curlFailed"));
  };
  useEffect(() => (canStop ? takeLostFocus : undefined), [canStop]); // The button to stop goes, perhaps under the user's hand.
  usePaletteActions(job, { canStop, stop: () => setAsked("stop"), copy: copyCurl });

  return (
    <>
      {isTraining && (
        <LinkButton variant="quiet" href={newTraining({ from: job.id })}>
          <CopyPlus aria-hidden />
          {t("duplicate")}
        </LinkButton>
      )}
      <Menu
        trigger={
          <IconButton label={t("more")} variant="quiet">
            <Ellipsis aria-hidden />
          </IconButton>
        }
      >
        {isTraining && (
          <MenuItem icon={<GitCompareArrows aria-hidden />} href={comparison([job.id])}>
            {t("compare")}
          </MenuItem>
        )}
        <MenuItem icon={<Copy aria-hidden />} onSelect={() => void copyCurl()}>
          {t("curl")}
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={<Square aria-hidden />} danger disabled={!canStop} onSelect={() => setAsked("stop")}>
          {t("discard")}
        </MenuItem>
        <MenuItem icon={<Trash2 aria-hidden />} danger disabled={!isOver(chain)} onSelect={() => setAsked("delete")}>
          {t("delete")}
        </MenuItem>
      </Menu>
      {next && (
        <Button variant={canChat ? "secondary" : "primary"} pending={isResuming} onClick={() => onResume(next)}>
          <Play aria-hidden />
          {t("resume")}
        </Button>
      )}
      {canStop && <Button onClick={() => setAsked("stop")}>{t("stop")}</Button>}
      {canChat && (
        <LinkButton variant="primary" href={tryPage(deployment)}>
          {t(deployment.predictor ? "try" : "chat")}
        </LinkButton>
      )}
      {wasStopAsked && <CancelChainsDialog chains={asked === "stop" ? [chain] : null} onClose={() => setAsked(null)} />}
      {wasDeleteAsked && (
        <DeleteChainsDialog
          chains={asked === "delete" ? [chain] : null}
          onClose={() => setAsked(null)}
          onDone={() => router.push("/training")}
        />
      )}
    </>
  );
}

interface PaletteSettings {
  canStop: boolean;
  stop: () => void;
  copy: () => Promise<void>;
}

function usePaletteActions(job: JobDetail, { canStop, stop, copy }: PaletteSettings): void {
  const t = useTranslations("job.actions");
  const router = useRouter();
  const actions = useMemo<Action[]>(
    () => [
      ...(canStop ? [{ id: "job:stop", group: "page" as const, label: t("stop"), words: ["stop", "cancel"], run: stop }] : []),
      { id: "job:curl", group: "page", label: t("curl"), words: ["curl", "api"], run: () => void copy() },
      { id: "job:compare", group: "page", label: t("compare"), words: ["compare"], run: () => router.push(comparison([job.id])) },
    ],
    // The functions are new with each drawing, but do the same for the same job.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [canStop, job.id, router, t],
  );
  useOfferActions("job", actions);
}
