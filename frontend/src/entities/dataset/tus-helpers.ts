const PREFIX = "llmlora.upload.";
const SAMPLE_BYTES = 64 * 1024;

/** sha256 of some bytes; null on pages where the browser does not compute it (no HTTPS, not this machine). */
export async function sha256Of(bytes: ArrayBuffer): Promise<Uint8Array | null> {
  const { subtle } = globalThis.crypto;
  return subtle ? new Uint8Array(await subtle.digest("SHA-256", bytes)) : null;
}

export function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** What makes a file the same file after a reload: name, size, time, and a hash of its first and last 64 KiB. */
export async function fingerprintOf(file: File): Promise<string> {
  const ends = new Blob([file.slice(0, SAMPLE_BYTES), file.slice(-SAMPLE_BYTES)]);
  const digest = await sha256Of(await ends.arrayBuffer());
  return [file.name, file.size, file.lastModified, digest ? base64(digest) : ""].join("|");
}

/** The upload that this file had before, if any. */
export function recall(storage: Storage | null, fingerprint: string): string | null {
  return quietly(() => storage?.getItem(PREFIX + fingerprint) ?? null);
}

export function remember(storage: Storage | null, fingerprint: string, uploadId: string): void {
  quietly(() => storage?.setItem(PREFIX + fingerprint, uploadId));
}

export function forget(storage: Storage | null, fingerprint: string): void {
  quietly(() => storage?.removeItem(PREFIX + fingerprint));
}

export interface RememberedUpload {
  fingerprint: string;
  uploadId: string;
  name: string;
  sizeBytes: number;
}

/** Every upload that is remembered. */
export function recallAll(storage: Storage | null): RememberedUpload[] {
  const keys = quietly(() => Array.from({ length: storage?.length ?? 0 }, (_, place) => storage?.key(place) ?? "")) ?? [];
  return keys.flatMap((key) => {
    const uploadId = key.startsWith(PREFIX) ? quietly(() => storage?.getItem(key)) : null;
    const known = /^(.*)\|(\d+)\|\d+\|[^|]*$/s.exec(key.slice(PREFIX.length));
    if (!uploadId || !known) return [];
    return [{ fingerprint: key.slice(PREFIX.length), uploadId, name: known[1] ?? "", sizeBytes: Number(known[2]) }];
  });
}

/** Storage may be full or forbidden: then an upload only cannot go on after a reload. */
function quietly<Result>(attempt: () => Result): Result | null {
  try {
    return attempt();
  } catch {
    return null;
  }
}
