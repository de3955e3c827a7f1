import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";

import type { useSettings } from "./use-settings";

/** How the next answer is made, in one line; opens the settings. */
export function SettingsSummary({ settings, onOpen }: { settings: ReturnType<typeof useSettings>; onOpen: () => void }) {
  const t = useTranslations("chat.settings");
  if (!settings.isValid) {
    return (
      <Button variant="danger" size="sm" aria-haspopup="dialog" onClick={onOpen}>
        {t("invalid")}
      </Button>
    );
  }
  const { system, sampling } = settings.read.settings;
  const parts = [
    t("short.temperature", { value: String(sampling.temperature) }),
    t("short.topP", { value: String(sampling.top_p) }),
    t("short.maxTokens", { value: String(sampling.max_tokens) }),
    sampling.seed !== null && t("short.seed", { value: String(sampling.seed) }),
    system !== null && t("short.system"),
  ].filter((part) => part !== false);
  return (
    <Button variant="quiet" size="sm" className="-ml-2 max-w-full font-normal" aria-label={t("open", { now: parts.join(", ") })} aria-haspopup="dialog" onClick={onOpen}>
      <span className="truncate">{parts.join(" · ")}</span>
    </Button>
  );
}
