"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Link } from "@/components/ui/link";
import { Meter } from "@/components/ui/meter";
import { OllamaMark } from "@/entities/ollama/ollama-mark";
import { useResources, useSystem } from "@/entities/system/queries";
import { toneOfDisk, toneOfShare } from "@/entities/system/tones";
import type { OllamaStatus, ResourcesOut, SystemOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useIsHydrating } from "@/lib/hydration";
import { OLLAMA_MODELS } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";

import { gpuInUse } from "./gpu-in-use";

interface StripProps {
  /** One line in the top bar, or a list in the drawer of a phone. */
  place: "bar" | "drawer";
  /** As the page began: the strip comes alive later, and begins with what stands there. */
  first: { resources: ResourcesOut | undefined; system: SystemOut | undefined };
}

/** What the machine uses now, and how many jobs wait. What may come late stands at the left, so that nothing moves. */
export function ResourceStrip({ place, first }: StripProps) {
  const t = useTranslations("common.strip");
  const format = useFormat();
  const isBeginning = useIsHydrating();
  const live = { resources: useResources().data, system: useSystem().data };
  const { resources: now, system } = isBeginning ? first : live;
  const queue = system?.queue;
  const waiting = queue?.queued ?? null;
  const gpu = now && gpuInUse(now.gpus);
  const memory = now ? now.memory_used_bytes / now.memory_total_bytes : null;
  const free = now?.disk_free_bytes ?? null;
  const total = now?.disk_total_bytes ?? null;
  const inDrawer = place === "drawer";
  return (
    <ul
      aria-label={t("label")}
      className={cn("text-xs text-ink-2", inDrawer ? "grid gap-2.5" : "flex items-center gap-4 whitespace-nowrap")}
    >
      {gpu && (
        <Item name={gpu.count > 1 ? t("gpus", { count: gpu.count }) : t("gpu")} inDrawer={inDrawer}>
          <Meter label={t("gpu")} value={gpu.share} text={gpu.memory && format.bytesOf(...gpu.memory)} tone="ai" />
          <Value width={inDrawer ? "w-24 text-right" : "w-8.5"}>{format.percent(gpu.share)}</Value>
        </Item>
      )}
      <Item name={t("cpu")} inDrawer={inDrawer}>
        <Meter label={t("cpu")} value={now ? now.cpu_percent / 100 : null} />
        <Value width={inDrawer ? "w-24 text-right" : "w-8.5"}>{format.percent(now && now.cpu_percent / 100)}</Value>
      </Item>
      <Item name={t("memory")} inDrawer={inDrawer}>
        <Meter label={t("memory")} value={memory} tone={toneOfShare(memory)} />
        <Value width={inDrawer ? "w-24 text-right" : "w-21"}>{now ? format.bytesOf(now.memory_used_bytes, now.memory_total_bytes) : format.bytes(null)}</Value>
      </Item>
      <Item name={t("disk")} inDrawer={inDrawer} className="hidden xl:flex">
        <Meter label={t("disk")} value={free === null || !total ? null : 1 - free / total} tone={toneOfDisk(free)} />
        <Value width={inDrawer ? "w-24 text-right" : "w-21"}>{t("free", { size: format.bytes(free) })}</Value>
      </Item>
      <li>
        <OllamaLink status={system?.ollama} />
      </li>
      <li className={cn(inDrawer && "flex justify-between")}>
        <Link href="/training" className="rounded-sm transition-colors hover:text-ink">
          {t("queue")} <span className="inline-block min-w-4 text-right">{format.number(waiting)}</span>
        </Link>
      </li>
    </ul>
  );
}

/** Whether Ollama runs, for those who use it; where it does not, that is no fault. */
function OllamaLink({ status }: { status: OllamaStatus | undefined }) {
  const t = useTranslations("common.strip");
  const words = status && t(`ollama.${status.state}`);
  return (
    <Link href={OLLAMA_MODELS} title={words} className="flex items-center gap-1.5 rounded-sm transition-colors hover:text-ink">
      <OllamaMark state={status?.state} />
      <span translate="no">{t("ollama.name")}</span>
      {words && <span className="sr-only">{words}</span>}
    </Link>
  );
}

interface ItemProps {
  name: string;
  inDrawer: boolean;
  className?: string;
  children: ReactNode;
}

function Item({ name, inDrawer, className, children }: ItemProps) {
  return (
    <li className={cn("flex items-center gap-1.5", inDrawer ? "flex" : className)}>
      <span className={cn(inDrawer && "grow")}>{name}</span>
      {children}
    </li>
  );
}

/** As wide as its longest words, so that the strip stands still. */
function Value({ width, children }: { width: string; children: ReactNode }) {
  return <span className={cn("shrink-0 whitespace-nowrap", width)}>{children}</span>;
}
