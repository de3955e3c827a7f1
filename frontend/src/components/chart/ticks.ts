/** The places of the axis as text, all with the same number of decimals. */
export function tickTexts(places: readonly (number | null)[], locale: string): string[] {
  const shown = places.filter((place): place is number => place !== null);
  const largest = Math.max(0, ...shown.map(Math.abs));
  if (largest > 0 && (largest < 1e-3 || largest >= 1e7)) return places.map((place) => exponential(place));
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: decimalsOf(shown),
    maximumFractionDigits: decimalsOf(shown),
  });
  return places.map((place) => (place === null ? "" : format.format(place)));
}

/** As few decimals as tell all places apart from each other. */
function decimalsOf(places: readonly number[]): number {
  for (let decimals = 0; decimals < 6; decimals += 1) {
    const factor = 10 ** decimals;
    if (places.every((place) => Math.abs(Math.round(place * factor) / factor - place) < Math.abs(place) * 1e-6 + 1e-12)) {
      return decimals;
    }
  }
  return 6;
}

function exponential(place: number | null): string {
  if (place === null) return "";
  if (place === 0) return "0";
  return place.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e");
}
