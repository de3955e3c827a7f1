"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { Activity, Boxes, Database, MessagesSquare, Sparkles } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";

import { Badge } from "@/components/ui/badge";
import { PersonsName } from "@/components/ui/persons-name";
import { ProblemNote } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { searchEverything } from "@/lib/api/generated/sdk.gen";
import type { FoundOut } from "@/lib/api/generated/types.gen";
import { type ThingKind, thingPage } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";
import { Marked } from "./marked";
import { closeOverlay } from "./overlays";

const AFTER_MS = 150;
/** Between two openings of the palette, or two letters, nothing is asked twice. */
const KNOWN_MS = 10_000;
const KINDS: readonly ThingKind[] = ["dataset", "job", "base_model", "deployment", "chat"];
const ICONS = { dataset: Database, job: Activity, base_model: Boxes, deployment: Sparkles, chat: MessagesSquare } as const;

/** What has some words; until that is known, what had those before. */
export function useFound(words: string) {
  return useQuery({
    queryKey: ["search", words],
    queryFn: async ({ signal }) => (await searchEverything({ query: { q: words }, signal })).data,
    enabled: words !== "",
    placeholderData: keepPreviousData,
    staleTime: KNOWN_MS,
  });
}

/** What has the words that were typed, once typing has rested. */
export function useSearch(typed: string) {
  const words = typed.trim();
  const [asked, setAsked] = useState(words);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(words), AFTER_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const query = useFound(words === "" ? "" : asked);
  const isWanted = words !== "";
  const found = isWanted ? query.data : undefined;
  return { isWanted, found, isBehind: isWanted && (asked !== words || query.isFetching), error: isWanted ? query.error : null };
}

/** How an item of what was found is called by the list it stands in. */
export function valueOf({ kind, id }: FoundOut): string {
  return `found:${kind}:${id}`;
}

type Search = ReturnType<typeof useSearch>;

/** What was found, kind by kind: options of a list box, which holds nothing else. */
export function PaletteResults({ found, groupClassName }: Pick<Search, "found"> & { groupClassName: string }) {
  const t = useTranslations("nav.palette");
  return KINDS.map((kind) => {
    const rows = found?.data.filter((one) => one.kind === kind) ?? [];
    if (rows.length === 0) return null;
    return (
      <Command.Group key={kind} forceMount heading={t(`found.${kind}`)} className={groupClassName}>
        {rows.map((one) => (
          <FoundItem key={one.id} found={one} />
        ))}
        {found?.more.includes(kind) && <p className="px-2 pt-0.5 pb-1 text-xs text-ink-3">{t("more")}</p>}
      </Command.Group>
    );
  });
}

/** Below the list: that it is being searched, how much was found, or why nothing could be; what was found before stays. */
export function PaletteSearchState({ isWanted, found, isBehind, error }: Search) {
  const t = useTranslations("nav.palette");
  if (!isWanted) return null;
  return (
    <>
      {error && <ProblemNote problem={error} className="px-3.5 pb-3" />}
      {!found && !error && (
        <Loading className="grid gap-2.5 px-3.5 pb-3">
          <Skeleton className="w-1/2" />
          <Skeleton className="w-2/3" />
        </Loading>
      )}
      <span role="status" className="sr-only">
        {!isBehind && found ? t("count", { count: found.data.length }) : ""}
      </span>
    </>
  );
}

function FoundItem({ found }: { found: FoundOut }) {
  const t = useTranslations("nav.palette");
  const states = useTranslations("states.job");
  const format = useFormat();
  const router = useRouter();
  const Icon = ICONS[found.kind];
  const { excerpt } = found;
  const state = found.kind === "job" && found.state && states.has(found.state as "running") ? states(found.state as "running") : null;
  const open = () => {
    closeOverlay();
    router.push(thingPage(found.kind, found.id));
  };
  return (
    <Command.Item forceMount value={valueOf(found)} onSelect={open} className="layer-item min-h-8 items-start">
      <span className="mt-0.5 shrink-0 text-ink-3 [&_svg]:size-4">
        <Icon aria-hidden />
      </span>
      <span className="min-w-0 grow">
        <span className="flex min-w-0 items-center gap-2">
          <span className="min-w-0 truncate">
            <PersonsName>
              <Marked text={found.name || t("untitled")} marks={found.name ? found.marks : []} />
            </PersonsName>
          </span>
          {found.tags.slice(0, 3).map((tag) => (
            <Badge key={tag} className="max-sm:hidden">
              <PersonsName>{tag}</PersonsName>
            </Badge>
          ))}
        </span>
        {excerpt && (
          <span className="block truncate text-xs text-ink-3">
            {t.rich("excerpt", {
              where: t(`in.${excerpt.of}`),
              text: () => (
                <PersonsName>
                  <Marked text={excerpt.text} marks={excerpt.marks} />
                </PersonsName>
              ),
            })}
          </span>
        )}
      </span>
      <span className="mt-0.5 shrink-0 text-xs whitespace-nowrap text-ink-3">{state ?? format.relative(found.at)}</span>
    </Command.Item>
  );
}
