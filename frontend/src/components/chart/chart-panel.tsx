"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { type ReactNode, type RefObject, useRef, useState } from "react";

import { Card } from "@/components/ui/card";
import { notify } from "@/components/ui/toast";
import { withMark } from "@/lib/csv";
import { fileName, saveBlob, saveFrom, saveText } from "@/lib/download";
import { type ChartSettings, useChartSettings } from "./chart-settings";
import { type ChartHandle, LineChart, type LineChartProps } from "./line-chart";
import { ChartToolbar } from "./toolbar";

const PointTable = dynamic(() => import("./point-table").then((loaded) => loaded.PointTable), { ssr: false });

type Drawn = Omit<LineChartProps, "label" | "smoothing" | "isLog" | "isClipped" | "handle" | "className">;

interface ChartPanelProps extends Drawn {
  title: string;
  /** Under which a person's settings are kept: the kind of chart. */
  name: string;
  /** How it is drawn until a person chooses. */
  first?: Partial<ChartSettings>;
  /** Before the files' names: the run's name. */
  filePrefix?: string;
  /** Where the API gives every point as CSV; without it the file holds what the chart holds. */
  csvHref?: string;
  hasSmoothing?: boolean;
  /** Only the chart and the table: where there is little room. */
  isSmall?: boolean;
  /** How all charts of a page are drawn, where one toolbar stands over them: this one then has none of its own. */
  shared?: ChartSettings;
  handle?: RefObject<ChartHandle | null>;
  empty?: ReactNode;
  /** In front of its toolbar: what holds for all charts of a page. */
  lead?: ReactNode;
  className?: string;
}

const HEAD_PX = 24;

/** A chart with its toolbar, its table twin and its downloads. */
export function ChartPanel(props: ChartPanelProps) {
  const { title, name, first, filePrefix = "llmlora", csvHref, hasSmoothing, isSmall, shared, handle, empty, lead, className, ...drawn } = props;
  const t = useTranslations("chart");
  const [own, change] = useChartSettings(name, first);
  const settings = shared ?? own;
  const [isTable, setTable] = useState(false);
  const ownChart = useRef<ChartHandle>(null);
  const chart = handle ?? ownChart;
  const { series, height = 220 } = drawn;

  const saveCsv = async () => {
    try {
      if (csvHref) return saveFrom(csvHref);
      saveText(withMark((await import("./csv")).toCsv(series)), `${fileName(filePrefix, name)}.csv`, "text/csv");
    } catch {
      notify.bad(t("saveFailed"));
    }
  };
  const savePicture = async () => {
    const blob = await chart.current?.picture();
    if (blob) saveBlob(blob, `${fileName(filePrefix, name)}.png`);
    else notify.bad(t("saveFailed"));
  };
  const isEmpty = series.every((one) => one.steps.length === 0);
  const toolbar = (
    <div className="flex flex-wrap items-center justify-end gap-x-2 gap-y-1">
      {lead && <div className="shrink-0">{lead}</div>}
      <ChartToolbar
        settings={settings}
        onChange={change}
        isTable={isTable}
        onTable={setTable}
        onCsv={() => void saveCsv()}
        onPicture={() => void savePicture()}
        hasSmoothing={hasSmoothing}
      />
    </div>
  );
  return (
    <Card title={title} aside={isSmall || shared ? <SmallBar isTable={isTable} onTable={setTable} /> : toolbar} className={className}>
      {isEmpty ? (
        <div className="grid place-items-center text-ink-3" style={{ height: height + HEAD_PX }}>
          {empty ?? t("none")}
        </div>
      ) : isTable ? (
        <PointTable {...drawn} label={title} height={height + HEAD_PX} />
      ) : (
        <LineChart
          {...drawn}
          {...settings}
          smoothing={hasSmoothing === false || isSmall ? 0 : settings.smoothing}
          height={height}
          label={title}
          handle={chart}
        />
      )}
    </Card>
  );
}

function SmallBar({ isTable, onTable }: { isTable: boolean; onTable: (isTable: boolean) => void }) {
  const t = useTranslations("chart");
  return (
    <button
      type="button"
      aria-pressed={isTable}
      onClick={() => onTable(!isTable)}
      className="h-6 rounded-md px-2 text-xs text-ink-2 hover:bg-hover hover:text-ink aria-pressed:bg-ai-soft aria-pressed:text-ai-strong"
    >
      {t("table")}
    </button>
  );
}
