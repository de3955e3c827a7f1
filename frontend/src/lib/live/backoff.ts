const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** How long to wait after so many failures in a row (≥ 1): doubled each time, half of it by chance. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return whole / 2 + (whole / 2) * random();
}
