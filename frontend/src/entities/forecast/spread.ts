import type { LengthForecast, TimeForecast } from "@/lib/api/generated/types.gen";

/** How far the real time may lie from the forecast, as factors, by what the speed is known from. */
const SPEED: Readonly<Record<TimeForecast["basis"], number>> = {
  past_jobs: 1.25,
  measured_cpu: 1.6,
  gpu_figures: 2,
  none: 1,
};
/** And by what the length of the rows is known from. */
const LENGTH: Readonly<Record<LengthForecast["basis"], number>> = {
  tokenized: 1,
  estimated: 1.2,
  max_length: 1,
  none: 1,
};

/** From and to, in seconds; null where there is no forecast. */
export function timeRange(time: TimeForecast, lengths: LengthForecast): { from: number; to: number } | null {
  if (time.seconds === null) return null;
  const factor = SPEED[time.basis] * LENGTH[lengths.basis];
  return { from: time.seconds / factor, to: time.seconds * factor };
}
