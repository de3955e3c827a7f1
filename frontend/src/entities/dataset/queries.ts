import { infiniteQueryOptions, keepPreviousData, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import {
  getDataset,
  listDataKinds,
  listDatasetRows,
  listDatasets,
  listDatasetTokens,
  measureDatasetTokens,
  previewDataset,
} from "@/lib/api/generated/sdk.gen";
import type { DatasetKind, DatasetList } from "@/lib/api/generated/types.gen";
import { pagesOf } from "@/lib/api/look-again";
import { useRows } from "@/lib/api/rows";
import { useAllPages } from "@/lib/api/use-all-pages";

import { datasetKeys } from "./keys";
import { type KindBook, kindBookOf } from "./kind-book";

export interface DatasetFilters {
  kind?: DatasetKind;
  q?: string;
  tag?: string;
  /** As the API writes an order: a column, with `-` in front for the largest first. */
  sort?: string;
}

/** How the bytes of a file are read: the kind of its rows, canonical name → column, and the encoding of its text. */
export interface Reading {
  kind?: string | null;
  mapping?: Record<string, string> | null;
  encoding?: string | null;
}

/** As a request has it: the API refuses a kind that it does not know. */
export function sentReading({ kind, ...reading }: Reading) {
  return { ...reading, kind: kind as DatasetKind | null | undefined };
}

/** How many of the newest data sets are known by name without asking for each. */
export const MOST_NAMED = 200;

const UNCHANGING_MS = 5 * 60_000; // the rows of a data set never change

/** All kinds of data. They change only with the platform's version. */
export function kindsOptions() {
  return queryOptions({
    queryKey: datasetKeys.kinds,
    queryFn: async ({ signal }) => (await listDataKinds({ signal })).data.data,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What kinds of data are; while that is not known, each is called by its name. */
export function useKindBook(): KindBook {
  return kindBookOf(useQuery(kindsOptions()).data);
}

/** Data sets, newest first. */
export function datasetListOptions(filters: DatasetFilters = {}, limit = 50) {
  return infiniteQueryOptions({
    queryKey: datasetKeys.list({ ...filters, limit }),
    queryFn: pagesOf(limit, async (after, size, signal): Promise<DatasetList> =>
      (await listDatasets({ query: { ...filters, limit: size, after }, signal, throwOnError: true })).data,
    ),
    initialPageParam: null as string | null,
    getNextPageParam: (page: DatasetList) => page.next,
  });
}

/** Data sets, newest first, and how many there are in all: null while that is not known. */
export function useDatasets(filters: DatasetFilters = {}, limit = 50) {
  const query = useInfiniteQuery({ ...datasetListOptions(filters, limit), placeholderData: keepPreviousData });
  return { ...query, datasets: useRows(query.data), total: query.data?.pages[0]?.total ?? null, totals: query.data?.pages[0] ?? null };
}

/** Every data set, where one of them is chosen. `isWhole`: all of them are there. */
export function useAllDatasets() {
  const query = useDatasets({}, MOST_NAMED);
  return { ...query, isWhole: useAllPages(query) };
}

/** One data set and the jobs that use it. */
export function datasetOptions(id: string) {
  return queryOptions({
    queryKey: datasetKeys.detail(id),
    queryFn: async ({ signal }) => (await getDataset({ path: { dataset_id: id }, signal })).data,
  });
}

/** One data set and the jobs that use it. */
export function useDataset(id: string) {
  return useQuery(datasetOptions(id));
}

/** Some rows, and from which place on. */
export function datasetRowsOptions(id: string, offset: number, limit = 50) {
  return queryOptions({
    queryKey: datasetKeys.rows(id, { offset, limit }),
    queryFn: async ({ signal }) => {
      const { data } = await listDatasetRows({ path: { dataset_id: id }, query: { offset, limit }, signal });
      return { ...data, offset };
    },
    staleTime: UNCHANGING_MS,
  });
}

/** Some rows. */
export function useDatasetRows(id: string, offset: number, limit = 50) {
  return useQuery({ ...datasetRowsOptions(id, offset, limit), placeholderData: keepPreviousData });
}

export interface TokenView {
  maxLength?: number;
  offset?: number;
  limit?: number;
}

/** Rows as a base model is trained on them. The first look at fifty rows starts a process and takes seconds. */
export function datasetTokensOptions(id: string, baseModel: string, { maxLength, offset = 0, limit = 10 }: TokenView = {}) {
  const query = { base_model: baseModel, max_length: maxLength, offset, limit };
  return queryOptions({
    queryKey: datasetKeys.tokens(id, query),
    queryFn: async ({ signal }) => (await listDatasetTokens({ path: { dataset_id: id }, query, signal })).data,
    staleTime: UNCHANGING_MS,
  });
}

/** Rows as a base model is trained on them. Waits until a base model is chosen. */
export function useDatasetTokens(id: string, baseModel: string | null, view: TokenView = {}) {
  return useQuery({
    ...datasetTokensOptions(id, baseModel ?? "", view),
    enabled: baseModel !== null,
    placeholderData: keepPreviousData,
  });
}

/** How long the rows are for a base model, and the ledger. */
export function tokenLengthsOptions(id: string, baseModel: string, maxLength?: number) {
  const query = { base_model: baseModel, max_length: maxLength };
  return queryOptions({
    queryKey: datasetKeys.lengths(id, query),
    queryFn: async ({ signal }) => (await measureDatasetTokens({ path: { dataset_id: id }, query, signal })).data,
    staleTime: UNCHANGING_MS,
  });
}

/** How long the rows are for a base model, and the ledger. Waits until a base model is chosen. */
export function useTokenLengths(id: string | null, baseModel: string | null, maxLength?: number) {
  return useQuery({
    ...tokenLengthsOptions(id ?? "", baseModel ?? "", maxLength),
    enabled: id !== null && baseModel !== null,
    placeholderData: keepPreviousData,
  });
}

/** What an upload whose bytes have all arrived would become, read this way. Nothing is saved. */
export function useUploadPreview(uploadId: string | null, reading: Reading = {}) {
  return useQuery({
    queryKey: datasetKeys.preview(uploadId ?? "", reading),
    queryFn: async ({ signal }) =>
      (await previewDataset({ body: { ...sentReading(reading), upload_id: uploadId ?? "" }, signal })).data,
    enabled: uploadId !== null,
    staleTime: UNCHANGING_MS,
    placeholderData: keepPreviousData,
  });
}
