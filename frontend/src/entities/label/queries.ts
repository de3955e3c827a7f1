import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { chatKeys } from "@/entities/chat/keys";
import { datasetKeys } from "@/entities/dataset/keys";
import { jobKeys } from "@/entities/job/keys";
import { changeLabel, listNeeds, listTags } from "@/lib/api/generated/sdk.gen";
import type { LabelPatch } from "@/lib/api/generated/types.gen";
import { lookAgain } from "@/lib/api/look-again";
import type { ThingKind } from "@/lib/routes";

const tagsKey = ["tags"] as const;

/** Tags in use anywhere: one that is known is better than another like it. */
export function tagsOptions() {
  return queryOptions({
    queryKey: tagsKey,
    queryFn: async ({ signal }) => (await listTags({ signal })).data.data.map(({ tag }) => tag),
  });
}

/** Where what is shown of a kind lies in the query cache. */
function shownOf(kind: ThingKind, id: string): (readonly unknown[])[] {
  switch (kind) {
    case "dataset":
      return [datasetKeys.detail(id)];
    case "job":
      return [jobKeys.detail(id)];
    case "base_model":
      return [["base-models"]];
    case "deployment":
      return [["deployments"]];
    case "chat":
      return [chatKeys.session(id), chatKeys.sessions];
  }
}

/** Rename a thing, add or remove tags, write its note; what is left out stays. */
export function useChangeLabel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ kind, id, patch }: { kind: ThingKind; id: string; patch: LabelPatch }) =>
      (await changeLabel({ path: { kind, id }, body: patch })).data,
    onSuccess: async (_, { kind, id }) => {
      void client.invalidateQueries({ queryKey: tagsKey });
      void client.invalidateQueries({ queryKey: ["search"] });
      if (kind === "job") void lookAgain(client, jobKeys.lists);
      if (kind === "dataset") void client.invalidateQueries({ queryKey: datasetKeys.lists });
      await Promise.all(shownOf(kind, id).map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
}

/** Who needs these things, so that they stay, and who names them. Asked anew each time: a job may have begun. */
export function needsOptions(kind: ThingKind, ids: readonly string[]) {
  return queryOptions({
    queryKey: ["needs", kind, ids],
    queryFn: async ({ signal }) => {
      const parts = Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, part) => ids.slice(part * AT_ONCE, (part + 1) * AT_ONCE));
      const told = await Promise.all(parts.map((id) => listNeeds({ path: { kind }, query: { id: [...id] }, signal })));
      return told.flatMap(({ data }) => data.data);
    },
    staleTime: 0,
    gcTime: 0,
  });
}

/** As the API bounds it, with room for the address. */
const AT_ONCE = 100;
