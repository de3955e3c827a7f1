const listeners = new Set<() => void>();

/** Tell the token dialog that the API wants a token. */
export function announceUnauthorized(): void {
  for (const listener of [...listeners]) listener();
}

/** Hear when a request was refused for want of a token; returns how to stop hearing. */
export function onUnauthorized(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
