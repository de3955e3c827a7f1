import { addressOf } from "./runtime";

export const NONCE_HEADER = "x-nonce";

/** Under which address the API is reached by whoever asks for a page, as their browser will find it (`addressOf`). */
export function apiUrlFor(head: Pick<Headers, "get">): string {
  const runtime = { apiUrl: process.env.LLMLORA_API_URL || undefined, apiPort: Number(process.env.LLMLORA_API_PORT) || undefined };
  const protocol = head.get("x-forwarded-proto")?.split(",")[0]?.trim() === "https" ? "https:" : "http:";
  return addressOf(runtime, { protocol, hostname: hostnameOf(head.get("host") ?? "") });
}

function hostnameOf(host: string): string {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return "localhost";
  }
}
