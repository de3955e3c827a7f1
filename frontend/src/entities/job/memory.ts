/** The largest of some measured values; null when there is none. */
export function peakOf(values: Float64Array | undefined): number | null {
  let peak: number | null = null;
  for (const value of values ?? []) if (Number.isFinite(value) && (peak === null || value > peak)) peak = value;
  return peak;
}

/** How much memory the forecast of a job expected at most. */
export function forecastPeak(forecast: Readonly<Record<string, unknown>> | null): number | null {
  const memory = forecast?.["memory"];
  if (typeof memory !== "object" || memory === null) return null;
  const peak = (memory as Record<string, unknown>)["peak_bytes"];
  return typeof peak === "number" && peak > 0 ? peak : null;
}

/** How many steps the forecast expected: the x axis can end there before the first progress comes. */
export function forecastSteps(forecast: Readonly<Record<string, unknown>> | null): number | null {
  const time = forecast?.["time"];
  if (typeof time !== "object" || time === null) return null;
  const steps = (time as Record<string, unknown>)["steps"];
  return typeof steps === "number" && steps > 0 ? steps : null;
}
