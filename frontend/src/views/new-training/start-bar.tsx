import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";

interface StartBarProps {
  onStart: () => void;
  onCopy: () => void;
  pending: boolean;
  /** Asked for while the rows are being checked. */
  isWaiting: boolean;
}

export function StartBar({ onStart, onCopy, pending, isWaiting }: StartBarProps) {
  const t = useTranslations("newTraining.actions");
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      <p role="status" className="mr-auto text-xs text-pretty text-ink-2">
        {isWaiting && t("waitsForRows")}
      </p>
      <Button variant="quiet" size="lg" onClick={onCopy} aria-haspopup="dialog">
        {t("copyShort")}
      </Button>
      <Tooltip content={t("startHint")} keys="mod+Enter" side="top">
        <Button variant="primary" size="lg" onClick={onStart} pending={pending} className="px-5">
          {t("start")}
        </Button>
      </Tooltip>
    </div>
  );
}
