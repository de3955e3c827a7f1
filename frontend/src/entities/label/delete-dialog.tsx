"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Link } from "@/components/ui/link";
import { PersonsName } from "@/components/ui/persons-name";
import { ProblemNote } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { type Doomed, useUndoDelete } from "@/components/ui/undo-delete";
import type { NeededOut, NeedOut } from "@/lib/api/generated/types.gen";
import { type ThingKind, thingPage } from "@/lib/routes";

import { needsOptions } from "./queries";

const MOST_NAMED = 6;

export interface DoomedThing extends Doomed {
  /** What goes with it, beside itself: the jobs that follow a training. */
  parts?: readonly string[];
}

export interface DeleteDialogProps {
  kind: ThingKind;
  things: readonly DoomedThing[];
  onClose: () => void;
  /** They have left the lists. */
  onDone?: (ids: readonly string[]) => void;
}

/** Tells before anything is deleted who needs it, deletes what nobody needs, and can call that back. */
export function DeleteDialog({ kind, things, onClose, onDone }: DeleteDialogProps) {
  const t = useTranslations("labels.remove");
  const remove = useUndoDelete(kind);
  const [asked] = useState(things);
  const query = useQuery(needsOptions(kind, asked.flatMap(({ id, parts = [] }) => [id, ...parts])));
  const needed = new Map(query.data?.map((one) => [one.id, one]));
  const needsOf = ({ id, parts = [] }: DoomedThing) => [id, ...parts].flatMap((one) => ownNeeds(needed.get(one), parts));
  const kept = asked.filter((one) => needsOf(one).length > 0);
  const doomed = asked.filter((one) => !kept.includes(one));
  const isNone = query.isSuccess && doomed.length === 0;
  const [first, ...others] = isNone || doomed.length === 0 ? asked : doomed;
  const count = others.length + 1;
  const title = others.length > 0 ? t(isNone ? "noneMany" : "titleMany", { count }) : t(isNone ? "noneOne" : "titleOne", { name: first?.name ?? "" });
  const confirm = () => {
    remove(doomed);
    onClose();
    onDone?.(doomed.map(({ id }) => id));
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={t(isNone ? "descriptionNone" : `description.${kind}`)}
      actions={
        <>
          <Button variant={isNone ? "primary" : "quiet"} onClick={onClose}>
            {t("close")}
          </Button>
          {!isNone && (
            <Button variant="danger-solid" disabled={!query.isSuccess} onClick={confirm}>
              {t("confirm", { count: doomed.length })}
            </Button>
          )}
        </>
      }
    >
      <div className="grid gap-3">
        {query.isPending && (
          <Loading className="grid gap-2 py-1">
            <Skeleton className="w-2/3" />
          </Loading>
        )}
        <ProblemNote problem={query.error} />
        {query.isSuccess && kept.length > 0 && (
          <Names title={t("kept", { count: kept.length })} rows={kept} draw={(one) => <Kept thing={one} needs={needsOf(one)} isAlone={asked.length === 1} />} />
        )}
        {query.isSuccess && asked.length > 1 && doomed.length > 0 && (
          <Names title={t("doomed", { count: doomed.length })} rows={doomed} draw={({ name }) => <PersonsName>{name}</PersonsName>} />
        )}
        {query.isSuccess && <Mentions of={doomed.flatMap(({ id }) => needed.get(id)?.mentions ?? [])} />}
      </div>
    </Dialog>
  );
}

/** Those who need it, without those who go with it. */
function ownNeeds(one: NeededOut | undefined, parts: readonly string[]): NeedOut[] {
  return one?.needs.filter(({ id, state }) => id === one.id || !parts.includes(id) || state === "running") ?? [];
}

interface NamesProps<Row> {
  title: ReactNode;
  rows: readonly Row[];
  draw: (row: Row) => ReactNode;
}

function Names<Row extends { id: string }>({ title, rows, draw }: NamesProps<Row>) {
  const t = useTranslations("labels.remove");
  const more = rows.length - MOST_NAMED;
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-ink-2">{title}</h3>
      <ul className="divide-y rounded-md border">
        {rows.slice(0, MOST_NAMED).map((row) => (
          <li key={row.id} className="min-h-8 px-2.5 py-1.5">
            {draw(row)}
          </li>
        ))}
        {more > 0 && <li className="px-2.5 py-1.5 text-xs text-ink-3">{t("more", { count: more })}</li>}
      </ul>
    </section>
  );
}

/** What stays, by its name, and for whom. */
function Kept({ thing, needs, isAlone }: { thing: DoomedThing; needs: readonly NeedOut[]; isAlone: boolean }) {
  const t = useTranslations("labels.remove");
  const states = useTranslations("states.job");
  const more = needs.length - MOST_NAMED;
  const words = ({ kind, id, name, state }: NeedOut) => {
    const told = kind === "job" ? states(state as "running") : "";
    if (id === thing.id || thing.parts?.includes(id)) return t("itself", { state: told });
    const link = (chunks: ReactNode) => (
      <Link href={thingPage(kind, id)} className="font-medium underline underline-offset-2">
        {chunks}
      </Link>
    );
    return t.rich(kind, { name, state: told, link });
  };
  return (
    <>
      {!isAlone && <PersonsName className="font-medium">{thing.name}</PersonsName>}
      <ul className="text-ink-2">
        {needs.slice(0, MOST_NAMED).map((need) => (
          <li key={need.id}>{words(need)}</li>
        ))}
        {more > 0 && <li className="text-xs text-ink-3">{t("more", { count: more })}</li>}
      </ul>
    </>
  );
}

/** Those who stay, and miss it. */
function Mentions({ of }: { of: NeededOut["mentions"] }) {
  const t = useTranslations("labels.remove");
  const untitled = useTranslations("nav.palette")("untitled");
  const rows = [...new Map(of.map((one) => [one.id, one])).values()];
  if (rows.length === 0) return null;
  const draw = ({ kind, id, name }: (typeof rows)[number]) => (
    <Link href={thingPage(kind, id)} className="underline-offset-2 hover:underline">
      <PersonsName>{name || untitled}</PersonsName>
    </Link>
  );
  return <Names title={t(rows[0]?.kind === "chat" ? "mentionsChat" : "mentionsJob")} rows={rows} draw={draw} />;
}
