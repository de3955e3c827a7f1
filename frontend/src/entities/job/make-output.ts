import { useMutation, useQueryClient } from "@tanstack/react-query";

import { createTrainingJob, deployTrainingJob } from "@/lib/api/generated/sdk.gen";
import type { DeployRequest, JobCreate } from "@/lib/api/generated/types.gen";

import { jobKeys } from "./keys";
import { added } from "./mutations";

/** Make something of a finished training: a deployment, or a file. Its chain then has new jobs. */
export function useMakeOutput(trainingId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ wish, key }: { wish: { deploy: DeployRequest } | { create: JobCreate }; key: string }) => {
      const headers = { "Idempotency-Key": key };
      if ("create" in wish) return (await createTrainingJob({ body: wish.create, headers })).data;
      return (await deployTrainingJob({ path: { job_id: trainingId }, body: wish.deploy, headers })).data;
    },
    onSuccess: async (job) => {
      await Promise.all([client.invalidateQueries({ queryKey: jobKeys.detail(trainingId) }), added(client, job)]);
    },
  });
}
