import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { create } from "zustand";

import { useProblemWords } from "@/components/ui/problem";
import { notify } from "@/components/ui/toast";
import { removeDataset } from "@/lib/api/generated/sdk.gen";

import { datasetKeys } from "./keys";

const UNDO_MS = 6000;
const GRACE_MS = 500; // the notice fades a little after its time

/** Data sets that are about to be deleted: lists leave them out. */
export const useLeaving = create<{ ids: readonly string[] }>(() => ({ ids: [] }));

const stay = (id: string) => useLeaving.setState(({ ids }) => ({ ids: ids.filter((one) => one !== id) }));

/** Delete a data set in a moment: until then the notice in the corner can call it back. */
export function useDelayedDelete() {
  const t = useTranslations("datasets.delete");
  const words = useProblemWords();
  const client = useQueryClient();
  return ({ id, name }: { id: string; name: string }) => {
    if (useLeaving.getState().ids.includes(id)) return;
    useLeaving.setState(({ ids }) => ({ ids: [...ids, id] }));
    const remove = async () => {
      try {
        await removeDataset({ path: { dataset_id: id } });
        client.removeQueries({ queryKey: datasetKeys.detail(id) });
      } catch (error) {
        notify.bad(t("refused", { name }), { description: words(error) });
      }
      await client.invalidateQueries({ queryKey: datasetKeys.lists });
      stay(id);
    };
    let gone = false;
    const timer = setTimeout(() => {
      gone = true;
      void remove();
    }, UNDO_MS + GRACE_MS);
    const undo = () => {
      if (gone) return notify.caution(t("tooLate", { name }));
      clearTimeout(timer);
      stay(id);
    };
    notify.info(t("done", { name }), { durationMs: UNDO_MS, id: `delete-${id}`, action: { label: t("undo"), onClick: undo } });
  };
}
