/** The places of the axis as text, all with the same number of decimals. */
export function tickTexts(places: readonly (number | null)[], locale: string): string[] {
  const shown = places.filter((place): place is number => place !== null);
  const largest = Math.max(0, ...shown.map(Math.abs));
  if (largest > 0 && (largest < 1e-3 || largest >= 1e7)) return exponentials(places);
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

/** With as many digits as tell them apart, and two at least. */
function exponentials(places: readonly (number | null)[]): string[] {
  const shown = places.filter((place) => place !== null);
  const digits = [2, 3, 4, 5].find((count) => new Set(shown.map((place) => place.toExponential(count))).size === shown.length) ?? 6;
  return places.map((place) => (place === null ? "" : exponential(place, digits)));
}

function exponential(place: number, digits: number): string {
  if (place === 0) return "0";
  return place.toExponential(digits).replace(/\.?0+e/, "e").replace("e+", "e");
}

/** Texts of places so near to each other that some look the same: said once. */
export function saidOnce(texts: readonly string[]): string[] {
  return texts.map((text, place) => (place > 0 && text === texts[place - 1] ? "" : text));
}
