/**
 * TensorBoard's smoothing: an exponential moving average, debiased so that it does not start at zero. `weight` from 0
 * (nothing) to below 1. What is not a number stays as it is and does not disturb its neighbours. A line that never
 * changes stays exactly itself.
 */
export function smooth(values: Float64Array, weight: number): Float64Array {
  const out = new Float64Array(values.length);
  if (weight <= 0 || isConstant(values)) {
    out.set(values);
    return out;
  }
  let last = 0;
  let decay = 1;
  for (let place = 0; place < values.length; place += 1) {
    const value = values[place] ?? Number.NaN;
    if (!Number.isFinite(value)) {
      out[place] = value;
      continue;
    }
    last = last * weight + (1 - weight) * value;
    decay *= weight;
    out[place] = last / (1 - decay);
  }
  return out;
}

function isConstant(values: Float64Array): boolean {
  for (let place = 1; place < values.length; place += 1) if (values[place] !== values[0]) return false;
  return true;
}
