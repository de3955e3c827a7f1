"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Sparkline } from "@/components/chart/sparkline";
import { Meter } from "@/components/ui/meter";
import { toneOfDisk, toneOfShare } from "@/entities/system/tones";
import type { Devices, GpuOut, ResourcesOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { useHistory } from "./use-history";

/** What the machine has, and how much of it is in use, live. */
export function NowStrip({ devices }: { devices: Devices | undefined }) {
  const t = useTranslations("system.now");
  const format = useFormat();
  const { now, samples, isStale } = useHistory();
  const memory = now ? now.memory_used_bytes / now.memory_total_bytes : null;
  const [free, total] = [now?.disk_free_bytes ?? null, now?.disk_total_bytes ?? null];
  const history = (read: (sample: ResourcesOut) => number | null) => samples.map(read);
  return (
    <section
      aria-label={t("label")}
      className={cn(
        "grid gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-2 lg:auto-cols-fr lg:grid-flow-col lg:grid-cols-none",
        isStale && "opacity-85",
      )}
    >
      <Gauge
        name={t("cpu")}
        value={now ? now.cpu_percent / 100 : null}
        words={format.percent(now && now.cpu_percent / 100)}
        detail={devices && t("cores", { model: devices.cpu_model, count: devices.cpu_cores })}
        values={history((sample) => sample.cpu_percent / 100)}
      />
      <Gauge
        name={t("memory")}
        value={memory}
        tone={toneOfShare(memory)}
        words={now ? format.bytesOf(now.memory_used_bytes, now.memory_total_bytes) : format.bytes(null)}
        detail={now && t("free", { size: format.bytes(now.memory_total_bytes - now.memory_used_bytes) })}
        values={history((sample) => sample.memory_used_bytes / sample.memory_total_bytes)}
      />
      {now?.gpus.map((gpu) => (
        <GpuGauge key={gpu.index} gpu={gpu} values={history((sample) => shareOf(sample.gpus.find((one) => one.index === gpu.index)))} />
      ))}
      <Gauge
        name={t("disk")}
        value={free === null || !total ? null : 1 - free / total}
        tone={toneOfDisk(free)}
        words={t("free", { size: format.bytes(free) })}
        detail={total !== null && t("of", { size: format.bytes(total) })}
      />
      {(!now || now.gpus.length === 0) && (
        <Gauge name={t("gpu")} value={null} words={now ? t("noGpu") : format.bytes(null)} detail={now && t("noGpuHint")} />
      )}
    </section>
  );
}

function GpuGauge({ gpu, values }: { gpu: GpuOut; values: (number | null)[] }) {
  const t = useTranslations("system.now");
  const format = useFormat();
  const share = shareOf(gpu);
  return (
    <Gauge
      name={`${t("gpu")} ${gpu.index}`}
      value={share}
      words={format.percent(share)}
      detail={`${gpu.name} · ${format.bytesOf(gpu.used_bytes, gpu.total_bytes)}`}
      values={values}
    />
  );
}

function shareOf(gpu: GpuOut | undefined): number | null {
  if (!gpu) return null;
  if (gpu.utilisation_percent !== null) return gpu.utilisation_percent / 100;
  return gpu.total_bytes > 0 ? gpu.used_bytes / gpu.total_bytes : null;
}

const WHOLE = [0, 1] as const;

interface GaugeProps {
  name: string;
  value: number | null;
  tone?: "ai" | "caution" | "bad";
  words: ReactNode;
  detail?: ReactNode;
  /** From 0 to 1, since the page was opened. */
  values?: readonly (number | null)[];
}

function Gauge({ name, value, tone, words, detail, values }: GaugeProps) {
  const t = useTranslations("system.now");
  return (
    <div className="flex min-h-24 min-w-0 flex-col bg-panel px-3.5 py-2.5">
      <div className="flex items-start justify-between gap-3">
        <span className="text-xs text-ink-3">{name}</span>
        {values && values.length > 1 && <Sparkline values={values} range={WHOLE} width={72} height={18} label={t("history", { name })} />}
      </div>
      <p className="text-lg font-semibold">{words}</p>
      <p className="min-h-4.5 truncate text-xs text-ink-3" title={typeof detail === "string" ? detail : undefined}>
        {detail}
      </p>
      {value !== null && <Meter label={name} value={value} tone={tone} className="mt-auto w-full" />}
    </div>
  );
}
