import { useTranslations } from "next-intl";

import type { MachineOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

/** What the models are judged against, in one line. */
export function MachineLine({ machine }: { machine: MachineOut | undefined }) {
  const t = useTranslations("find.machine");
  const format = useFormat();
  return (
    <p className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-0.5 rounded-md border bg-sunk px-3 py-1.5 text-xs text-ink-2">
      <span className="font-medium text-ink">{t("label")}</span>
      {machine && (
        <>
          <span>
            <bdi>{machine.name}</bdi> · {t(`devices.${machine.device}`)}
          </span>
          <span>{t("memory", { free: format.bytes(machine.free_bytes), total: format.bytes(machine.total_bytes) })}</span>
          {machine.disk_free_bytes !== null && <span>{t("disk", { free: format.bytes(machine.disk_free_bytes) })}</span>}
        </>
      )}
    </p>
  );
}
