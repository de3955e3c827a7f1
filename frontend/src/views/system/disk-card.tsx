"use client";

import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import type { DiskOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { WaitingLines } from "./waiting-lines";

/** What llmlora keeps on the disk, and where. */
export function DiskCard({ disk }: { disk: DiskOut | undefined }) {
  const t = useTranslations("system.disk");
  const format = useFormat();
  const total = disk?.uses.reduce((sum, use) => sum + use.size_bytes, 0) ?? 0;
  return (
    <Card flush title={t("title")} aside={disk && t("measured", { time: format.clock(disk.measured_at) })}>
      {!disk && <WaitingLines count={7} />}
      {disk && (
        <>
          <div className="flex items-center justify-between gap-2 border-t px-3.5 py-1.5">
            <span className="min-w-0">
              <span className="text-ink-3">{t("place")}</span>{" "}
              <code translate="no" className="font-mono text-xs break-all">
                {disk.data_dir}
              </code>
            </span>
            <CopyButton text={disk.data_dir} label={t("copyPlace")} />
          </div>
          <dl className="divide-y border-t">
            {[...disk.uses].sort(bySize).map((use) => (
              <div key={use.name} className="grid min-h-8 grid-cols-[minmax(0,10rem)_1fr_4.5rem] items-center gap-3 px-3.5">
                <dt className="truncate text-ink-2">{t(`uses.${use.name}`)}</dt>
                <dd aria-hidden className="h-1 overflow-hidden rounded-full bg-line">
                  <span className={cn("block h-full bg-ai")} style={{ width: `${total > 0 ? (use.size_bytes / total) * 100 : 0}%` }} />
                </dd>
                <dd className="text-right whitespace-nowrap">{format.bytes(use.size_bytes)}</dd>
              </div>
            ))}
            <div className="flex min-h-8 items-center justify-between px-3.5 font-medium">
              <dt>{t("total")}</dt>
              <dd>{format.bytes(total)}</dd>
            </div>
          </dl>
        </>
      )}
    </Card>
  );
}

function bySize(one: DiskOut["uses"][number], other: DiskOut["uses"][number]): number {
  return other.size_bytes - one.size_bytes;
}
