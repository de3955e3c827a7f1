import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { forecastTrainingJob } from "@/lib/api/generated/sdk.gen";
import type { ForecastRequest } from "@/lib/api/generated/types.gen";

import { useDebounced } from "./use-debounced";

const REST_MS = 250;

/**
 * What a training will take: memory, time, disk. Asked for when the request has rested; the last answer stays until
 * then. Null asks for nothing. `isBehind`: what is shown is not yet for this request.
 */
export function useForecast(request: ForecastRequest | null) {
  const rested = useDebounced(request, REST_MS);
  const query = useQuery({
    queryKey: ["forecast", rested],
    queryFn: async ({ signal }) => (await forecastTrainingJob({ body: rested ?? {}, signal })).data,
    enabled: rested !== null && request !== null,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });
  const isBehind = query.isPlaceholderData || JSON.stringify(request) !== JSON.stringify(rested);
  return { ...query, isBehind };
}
