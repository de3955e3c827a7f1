"use client";

import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { Progress } from "@/components/ui/progress";
import { toneOfShare } from "@/entities/system/tones";
import { useJobResources } from "@/entities/job/use-job-logs";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

/** What the machine and the run use at this moment. */
export function ResourcesCard({ job }: { job: JobDetail }) {
  const t = useTranslations("job.resources");
  const format = useFormat();
  const samples = useJobResources(job.id, job.head_seq, true);
  const last = samples[samples.length - 1];
  const cpu = last?.machine_cpu_percent ?? last?.cpu_percent ?? null;
  const [used, total] = [last?.memory_used_bytes ?? null, last?.memory_total_bytes ?? null];
  return (
    <Card title={t("title")} aside={last ? t("process", { bytes: format.bytes(last.rss_bytes) }) : undefined}>
      <div className="grid grid-cols-[repeat(auto-fit,minmax(12rem,1fr))] gap-x-6 gap-y-3">
        <Gauge label={t("cpu")} share={cpu === null ? null : cpu / 100} detail={format.percent(cpu === null ? null : cpu / 100)} />
        <Gauge
          label={t("memory")}
          share={used !== null && total ? used / total : null}
          detail={used !== null && total ? format.bytesOf(used, total) : "–"}
          tone={toneOfShare(used !== null && total ? used / total : null)}
        />
        {last?.gpus?.map((gpu) => (
          <Gauge
            key={gpu.index}
            label={t("gpu", { index: gpu.index })}
            share={(gpu.utilisation_percent ?? 0) / 100}
            detail={`${format.percent((gpu.utilisation_percent ?? 0) / 100)} · ${format.bytesOf(gpu.used_bytes ?? 0, gpu.total_bytes ?? 0)}`}
          />
        ))}
        <div className="flex items-baseline justify-between gap-3 text-xs text-ink-2">
          <span>{t("disk")}</span>
          <span className="text-ink-3">{t("free", { bytes: format.bytes(last?.disk_free_bytes) })}</span>
        </div>
      </div>
    </Card>
  );
}

interface GaugeProps {
  label: string;
  share: number | null;
  detail: string;
  tone?: "ai" | "caution" | "bad";
}

function Gauge({ label, share, detail, tone }: GaugeProps) {
  return <Progress label={label} value={share ?? 0} detail={detail} tone={tone} />;
}
