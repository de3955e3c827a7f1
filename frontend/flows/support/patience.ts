/*
 * How long a flow waits. It measures nothing: a machine that several share is many times slower than a quick one, and a wait
 * ends by itself only where something hangs.
 */

const SLOWEST = 4;

/** What takes a quick machine a minute. */
export const MINUTE_MS = SLOWEST * 60_000;

/** For one press, or one look. */
export const PATIENCE_MS = SLOWEST * 30_000;
