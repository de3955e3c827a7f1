import { useTranslations } from "next-intl";

import { Checkbox } from "@/components/ui/checkbox";

/** Beside a conversation, while some are being chosen. */
export function ChooseRow({ name, isChosen, onChoose }: { name: string; isChosen: boolean; onChoose: () => void }) {
  const t = useTranslations("labels.remove");
  return <Checkbox hideLabel label={t("select", { name })} checked={isChosen} onChange={onChoose} className="absolute top-2 left-2 min-h-6" />;
}
