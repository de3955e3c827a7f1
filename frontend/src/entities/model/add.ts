import { useMutation, useQueryClient } from "@tanstack/react-query";

import { jobKeys } from "@/entities/job/keys";
import { knownBook } from "@/entities/recipe/queries";
import { createTrainingJob, findBaseModel } from "@/lib/api/generated/sdk.gen";
import type { BaseModelOut, JobDetail } from "@/lib/api/generated/types.gen";
import { newKey } from "@/lib/api/idempotency";
import { ProblemError } from "@/lib/problem";

export type Added = { kind: "known"; model: BaseModelOut } | { kind: "importing"; job: JobDetail };

/** The base model of a reference where it is known, else the job that brings it in. */
export function useAddBaseModel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (reference: string): Promise<Added> => {
      const model = await known(reference);
      if (model) return { kind: "known", model };
      const recipe = (await knownBook(client)).making("base_model")?.name;
      const request = { recipe, name: reference.slice(0, 200), config: { reference } };
      const { data } = await createTrainingJob({ body: request, headers: { "Idempotency-Key": newKey() } });
      return { kind: "importing", job: data };
    },
    onSuccess: async (added) => {
      if (added.kind === "known") return;
      client.setQueryData(jobKeys.detail(added.job.id), added.job);
      await client.invalidateQueries({ queryKey: jobKeys.lists });
    },
  });
}

async function known(reference: string): Promise<BaseModelOut | null> {
  try {
    const { data } = await findBaseModel({ query: { reference } });
    return data.state === "registered" ? data : null;
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return null;
    throw error;
  }
}
