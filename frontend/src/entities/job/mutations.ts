import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";

import {
  cancelTrainingJob,
  createTrainingJob,
  deleteTrainingJob,
  duplicateTrainingJob,
  resumeTrainingJob,
} from "@/lib/api/generated/sdk.gen";
import type { JobCreate, JobDetail, JobDuplicate } from "@/lib/api/generated/types.gen";
import { newKey } from "@/lib/api/idempotency";
import { lookAgain } from "@/lib/api/look-again";

import { dropJob, refreshLists, storeJob } from "./cache";
import { jobKeys } from "./keys";

/** Start a training. `key`: the same for every try of one wish, so that it is never started twice. */
export function useCreateJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ request, key = newKey() }: { request: JobCreate; key?: string }) =>
      (await createTrainingJob({ body: request, headers: { "Idempotency-Key": key } })).data,
    onSuccess: (job) => added(client, job),
  });
}

/** Stop a job, with or without its checkpoints. */
export function useCancelJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, checkpoint }: { id: string; checkpoint: "keep" | "discard" }) =>
      (await cancelTrainingJob({ path: { job_id: id }, body: { checkpoint } })).data,
    onSuccess: (job) => {
      storeJob(client, job);
      refreshLists(client);
    },
  });
}

/** Go on from the last checkpoint: a new job. */
export function useResumeJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, key = newKey() }: { id: string; key?: string }) =>
      (await resumeTrainingJob({ path: { job_id: id }, headers: { "Idempotency-Key": key } })).data,
    onSuccess: (job) => added(client, job),
  });
}

/** The same request again, with another name or other settings: a new job. */
export function useDuplicateJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, changes = {}, key = newKey() }: { id: string; changes?: JobDuplicate; key?: string }) => {
      const headers = { "Idempotency-Key": key };
      return (await duplicateTrainingJob({ path: { job_id: id }, body: changes, headers })).data;
    },
    onSuccess: (job) => added(client, job),
  });
}

/** Delete a job that has ended, with its files; what that freed. */
export function useDeleteJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => (await deleteTrainingJob({ path: { job_id: id } })).data,
    onSuccess: (_, id) => {
      dropJob(client, id);
      refreshLists(client);
    },
  });
}

/** A new job: its page need not ask for it, and the lists are looked at again. */
export async function added(client: QueryClient, job: JobDetail): Promise<void> {
  client.setQueryData(jobKeys.detail(job.id), job);
  void client.invalidateQueries({ queryKey: jobKeys.queue });
  await lookAgain(client, jobKeys.lists);
}
