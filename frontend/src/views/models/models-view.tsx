"use client";

import { Plus, Search } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { parseAsString, useQueryStates } from "nuqs";
import { useMemo, useState } from "react";

import { Page } from "@/components/layout/page";
import { Button } from "@/components/ui/button";
import { LinkButton } from "@/components/ui/link-button";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { TagFilter } from "@/entities/label/tag-filter";
import { useBaseModels, useDeployments } from "@/entities/model/queries";
import { useOfferActions } from "@/lib/actions";
import { FIND_MODEL } from "@/lib/routes";

import { BaseModelsCard } from "./base-models-card";
import { TunedModelsCard } from "./tuned-models-card";

const AddDialog = dynamic(() => import("./add-dialog").then((module) => module.AddDialog), { ssr: false });
const DeploymentDrawer = dynamic(() => import("./deployment-drawer").then((module) => module.DeploymentDrawer), { ssr: false });
const HubCard = dynamic(() => import("./hub-card").then((module) => module.HubCard), { loading: CardPlace });
const OllamaCard = dynamic(() => import("./ollama-card").then((module) => module.OllamaCard), { loading: CardPlace });
const OllamaPanel = dynamic(() => import("./ollama-panel").then((module) => module.OllamaPanel), { ssr: false });
const BaseDrawer = dynamic(() => import("./base-drawer").then((module) => module.BaseDrawer), { ssr: false });

const ADDRESS = { deployment: parseAsString, base: parseAsString, ollama: parseAsString, tab: parseAsString, tag: parseAsString };

/** What can be trained on, and what has come of it. */
export function ModelsView() {
  const t = useTranslations("models");
  const bases = useBaseModels();
  const [address, setAddress] = useQueryStates(ADDRESS, { history: "push" });
  const tuned = useDeployments(address.tag ? { tag: address.tag } : {});
  const [isAdding, setAdding] = useState(false);
  const actions = useMemo(
    () => [{ id: "models.add", group: "page" as const, label: t("add.title"), run: () => setAdding(true) }],
    [t],
  );
  useOfferActions("models", actions);
  const { openDeployment, openBase, openOllama } = useMemo(
    () => ({
      openDeployment: (id: string) => void setAddress({ deployment: id, base: null, ollama: null }),
      openBase: (id: string) => void setAddress({ base: id, deployment: null, ollama: null, tab: null }),
      openOllama: (name: string) => void setAddress({ ollama: name, deployment: null, base: null, tab: null }),
    }),
    [setAddress],
  );
  const base = address.base === null ? undefined : bases.models.find((one) => one.id === address.base || one.reference === address.base);
  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={
        <>
          <Button aria-haspopup="dialog" onClick={() => setAdding(true)}>
            <Plus aria-hidden />
            {t("add.title")}
          </Button>
          <LinkButton href={FIND_MODEL}>
            <Search aria-hidden />
            {t("find")}
          </LinkButton>
        </>
      }
    >
      {tuned.isPending || bases.isPending ? (
        <CardPlaces />
      ) : (
        <div className="grid gap-4">
          {address.tag && (
            <div>
              <TagFilter tag={address.tag} onClear={() => void setAddress({ tag: null })} />
            </div>
          )}
          <TunedModelsCard query={tuned} onOpen={openDeployment} />
          <BaseModelsCard query={bases} onOpen={openBase} />
          <HubCard />
          <OllamaCard onOpen={openOllama} onOpenDeployment={openDeployment} />
        </div>
      )}
      {isAdding && <AddDialog onClose={() => setAdding(false)} />}
      {address.deployment && <DeploymentDrawer id={address.deployment} onClose={() => void setAddress({ deployment: null, tab: null })} />}
      {address.ollama && (
        <OllamaPanel name={address.ollama} onOpenDeployment={openDeployment} onClose={() => void setAddress({ ollama: null })} />
      )}
      {base && (
        <BaseDrawer model={base} deployments={tuned.deployments} onClose={() => void setAddress({ base: null })} />
      )}
    </Page>
  );
}

/** Cards of unknown height come together, so that none moves another. */
function CardPlaces() {
  return (
    <Loading className="grid gap-4">
      <Skeleton className="h-32 rounded-lg" />
      <Skeleton className="h-32 rounded-lg" />
    </Loading>
  );
}

function CardPlace() {
  return <div className="h-32 rounded-lg border bg-panel" />;
}
