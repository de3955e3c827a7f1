/**
 * How much of a whole is done, in whole hundredths and never rounded up: 0.99 until the last. Null where there is no
 * whole, and where all of it is done: whatever is still shown as going on has no known end.
 */
export function shareOf(done: number, total: number): number | null {
  if (!(total > 0) || !(done < total)) return null;
  return Math.floor((Math.max(0, done) * 100) / total) / 100;
}
