/** What a forecast, also one that a job keeps, has chosen for settings that were left to it, by their names. */
export function chosenBy(forecast: { readonly chosen?: unknown } | null | undefined): ReadonlyMap<string, unknown> {
  const chosen = forecast?.chosen;
  return new Map(typeof chosen === "object" && chosen !== null ? Object.entries(chosen) : []);
}
