import { queryOptions, useQuery } from "@tanstack/react-query";

import { describeSystem, examineSystem, getSession, sampleResources } from "@/lib/api/generated/sdk.gen";
import { NETWORK } from "@/lib/problem";

const RESOURCES_EVERY_MS = 2000;
const SYSTEM_EVERY_MS = 10_000;

/** Versions, devices, workers, services, the queue, disk use. */
export function systemOptions() {
  return queryOptions({
    queryKey: ["system", "overview"],
    queryFn: async ({ signal }) => (await describeSystem({ signal })).data,
    refetchInterval: SYSTEM_EVERY_MS,
  });
}

/** Versions, devices, workers, services, the queue, disk use. */
export function useSystem() {
  return useQuery(systemOptions());
}

/** What the machine uses now; every two seconds while somebody looks. */
export function resourcesOptions() {
  return queryOptions({
    queryKey: ["system", "resources"],
    queryFn: async ({ signal }) => (await sampleResources({ signal })).data,
    refetchInterval: RESOURCES_EVERY_MS,
    staleTime: RESOURCES_EVERY_MS,
  });
}

/** What the machine uses now. */
export function useResources() {
  return useQuery(resourcesOptions());
}

/** Whether the server gives no answer at all; known within seconds, and gone with the next answer. */
export function useIsOffline(): boolean {
  return useResources().failureReason?.code === NETWORK;
}

/** What `doctor` finds, with a cure beside each line. The first look takes seconds. */
export function doctorOptions() {
  return queryOptions({
    queryKey: ["system", "doctor"],
    queryFn: async ({ signal }) => (await examineSystem({ signal })).data,
    staleTime: 60_000,
  });
}

/** What `doctor` finds, with a cure beside each line. */
export function useDoctor() {
  return useQuery(doctorOptions());
}

export function sessionOptions() {
  return queryOptions({
    queryKey: ["session"],
    queryFn: async ({ signal }) => (await getSession({ signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Whether the API asks for a token; a problem with status 401 until it was shown. */
export function useSession() {
  return useQuery(sessionOptions());
}
