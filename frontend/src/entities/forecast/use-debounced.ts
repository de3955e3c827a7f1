import { useEffect, useState } from "react";

/** A value once it has rested. Compared as JSON, so that an equal object made anew does not start the rest again. */
export function useDebounced<Value>(value: Value, restMs: number): Value {
  const [rested, setRested] = useState(value);
  const text = JSON.stringify(value) as string | undefined; // undefined has no JSON
  useEffect(() => {
    const timer = setTimeout(() => setRested((text === undefined ? undefined : JSON.parse(text)) as Value), restMs);
    return () => clearTimeout(timer);
  }, [text, restMs]);
  return rested;
}
