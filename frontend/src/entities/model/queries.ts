import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { jobKeys } from "@/entities/job/keys";
import {
  deployDeploymentAgain,
  findBaseModel,
  getDeployment,
  listBaseModels,
  listDeployments,
  useDeploymentAnyway as acceptDeployment,
} from "@/lib/api/generated/sdk.gen";
import type { DeploymentOut, PageListedBaseModel, DeploymentList } from "@/lib/api/generated/types.gen";
import { pagesOf } from "@/lib/api/look-again";
import { useRows } from "@/lib/api/rows";
import { useAllPages } from "@/lib/api/use-all-pages";
import { useLookAgain } from "@/lib/api/use-look-again";

export const baseModelsKey = ["base-models"] as const;
const baseModels = baseModelsKey;
export const deploymentsKey = ["deployments"] as const;
const deployments = deploymentsKey;
const CHECKED_EVERY_MS = 3000;
/** Others may remake or delete what is served at any time. */
const LOOKED_AT_EVERY_MS = 10_000;

/** Base models, newest first; the bundled one even before its first use. */
export function baseModelListOptions(limit = 100) {
  return infiniteQueryOptions({
    queryKey: [...baseModels, "list", limit],
    queryFn: async ({ pageParam, signal }) =>
      (await listBaseModels({ query: { limit, after: pageParam }, signal })).data,
    initialPageParam: null as string | null,
    getNextPageParam: (page: PageListedBaseModel) => page.next,
  });
}

/** Base models, newest first; the bundled one even before its first use. */
export function useBaseModels(limit = 100) {
  const query = useInfiniteQuery(baseModelListOptions(limit));
  return { ...query, models: useRows(query.data) };
}

/** Every base model, where one of them is looked for or chosen. `isWhole`: all of them are there. */
export function useAllBaseModels() {
  const query = useBaseModels();
  return { ...query, isWhole: useAllPages(query) };
}

/** The base model that a reference means (`bundled:…`, `path:…`, `hf:…`, or its id). */
export function baseModelOptions(reference: string) {
  return queryOptions({
    queryKey: [...baseModels, "reference", reference],
    queryFn: async ({ signal }) => (await findBaseModel({ query: { reference }, signal })).data,
  });
}

/** The base model that a reference means. */
export function useBaseModel(reference: string | null) {
  return useQuery({ ...baseModelOptions(reference ?? ""), enabled: reference !== null });
}

interface DeploymentFilters {
  state?: DeploymentOut["state"];
  name?: string;
  /** The job that put it up. */
  job_id?: string;
  /** The training that it came of. */
  training_job_id?: string;
  tag?: string;
}

/** Tuned models that are served, newest first. */
export function deploymentListOptions(filters: DeploymentFilters = {}, limit = 50) {
  return infiniteQueryOptions({
    queryKey: [...deployments, "list", { ...filters, limit }],
    queryFn: pagesOf(limit, async (after, size, signal): Promise<DeploymentList> =>
      (await listDeployments({ query: { ...filters, limit: size, after }, signal, throwOnError: true })).data,
    ),
    initialPageParam: null as string | null,
    getNextPageParam: (page: DeploymentList) => page.next,
  });
}

/** Tuned models that are served, newest first; looked at again, and often while one is being checked. */
export function useDeployments(filters: DeploymentFilters = {}, limit = 50, enabled = true) {
  const options = deploymentListOptions(filters, limit);
  const query = useInfiniteQuery({ ...options, enabled });
  const rows = useRows(query.data);
  useLookAgain(options.queryKey, enabled && lookAgainIn(rows));
  return { ...query, deployments: rows, total: query.data?.pages[0]?.total };
}

// One that is to take a name's place is judged beside the one that has it.
const MOST_OF_ONE_NAME = 10;

/** Every tuned model of one name. */
export const deploymentsOfName = (name: string) => deploymentListOptions({ name }, MOST_OF_ONE_NAME);

/** The one of a name that answers; else the newest. */
export function answering(ofName: readonly DeploymentOut[]): DeploymentOut | undefined {
  return ofName.find(({ state }) => state !== "checking" && state !== "rejected") ?? ofName[0];
}

/** The tuned model that answers to a name. */
export function useAnswering(name: string | null) {
  const { deployments } = useDeployments(name === null ? {} : { name }, MOST_OF_ONE_NAME, name !== null);
  return answering(deployments);
}

/** One tuned model with its gates. */
export function useDeployment(id: string) {
  return useQuery({
    queryKey: [...deployments, "detail", id],
    queryFn: async ({ signal }) => (await getDeployment({ path: { deployment_id: id }, signal })).data,
    refetchInterval: ({ state: { data } }) => lookAgainIn(data ? [data] : []),
  });
}

/** Serve a tuned model although a gate is red. */
export function useAcceptDeployment() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => (await acceptDeployment({ path: { deployment_id: id } })).data,
    onSuccess: (deployment) => {
      client.setQueryData([...deployments, "detail", deployment.id], deployment);
      void client.invalidateQueries({ queryKey: deployments });
    },
  });
}

/** Register and check anew what was changed or deleted outside: the job that does it. */
export function useDeployAgain() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => (await deployDeploymentAgain({ path: { deployment_id: id } })).data,
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: deployments });
      void client.invalidateQueries({ queryKey: jobKeys.lists });
    },
  });
}

function lookAgainIn(shown: readonly DeploymentOut[]): number | false {
  if (shown.some(({ state }) => state === "checking")) return CHECKED_EVERY_MS;
  return shown.length > 0 ? LOOKED_AT_EVERY_MS : false;
}
