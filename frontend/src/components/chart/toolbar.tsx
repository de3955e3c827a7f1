"use client";

import { Download, Image as Picture } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Slider } from "@/components/ui/slider";
import { Tooltip } from "@/components/ui/tooltip";
import { cn } from "@/lib/cn";
import { type ChartSettings, MAX_SMOOTHING } from "./chart-settings";

interface ToolbarProps {
  settings: ChartSettings;
  onChange: (change: Partial<ChartSettings>) => void;
  /** The table twin, where there is one. */
  isTable?: boolean;
  onTable?: (isTable: boolean) => void;
  onCsv?: () => void;
  onPicture?: () => void;
  /** Without smoothing: for lines that are smooth by themselves. */
  hasSmoothing?: boolean;
  className?: string;
}

/** How a chart is drawn, and what can be taken from it. */
export function ChartToolbar({
  settings,
  onChange,
  isTable,
  onTable,
  onCsv,
  onPicture,
  hasSmoothing = true,
  className,
}: ToolbarProps) {
  const t = useTranslations("chart");
  return (
    <div role="group" aria-label={t("settings")} className={cn("flex flex-wrap items-center gap-x-1 gap-y-0.5", className)}>
      {hasSmoothing && (
        <Slider
          label={t("smoothing")}
          min={0}
          max={MAX_SMOOTHING}
          step={0.01}
          value={settings.smoothing}
          onChange={(smoothing) => onChange({ smoothing })}
          format={(smoothing) => smoothing.toFixed(2)}
          className="mr-2 flex items-center gap-x-2 whitespace-nowrap [&>*:last-child]:w-20"
        />
      )}
      <Switch isOn={settings.isLog} onChange={(isLog) => onChange({ isLog })}>
        {t("log")}
      </Switch>
      <Tooltip content={t("clipHint")}>
        <Switch isOn={settings.isClipped} onChange={(isClipped) => onChange({ isClipped })}>
          {t("clip")}
        </Switch>
      </Tooltip>
      {onTable && (
        <Switch isOn={isTable ?? false} onChange={onTable}>
          {t("table")}
        </Switch>
      )}
      {onCsv && (
        <Button size="sm" variant="quiet" onClick={onCsv}>
          <Download aria-hidden />
          {t("csv")}
        </Button>
      )}
      {onPicture && (
        <IconButton size="sm" label={t("png")} onClick={onPicture} disabled={isTable}>
          <Picture aria-hidden />
        </IconButton>
      )}
    </div>
  );
}

interface SwitchProps extends Omit<React.ComponentProps<typeof Button>, "onChange"> {
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  children: ReactNode;
}

function Switch({ isOn, onChange, children, ...rest }: SwitchProps) {
  return (
    <Button
      {...rest}
      size="sm"
      variant="quiet"
      aria-pressed={isOn}
      onClick={() => onChange(!isOn)}
      className={cn(isOn && "bg-ai-soft text-ai-strong hover:bg-ai-soft hover:text-ai-strong")}
    >
      {children}
    </Button>
  );
}
