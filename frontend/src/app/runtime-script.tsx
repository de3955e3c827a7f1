import { headers } from "next/headers";
import { connection } from "next/server";

import { runtimeScript } from "@/lib/api/runtime";
import { NONCE_HEADER } from "@/lib/api/visitor";

/**
 * Tells the page where the API is, from the environment of the server that runs and not of the one that built. Without
 * `LLMLORA_API_URL` the API is the page's own host at `LLMLORA_API_PORT`.
 */
export async function RuntimeScript() {
  await connection();
  const runtime = {
    apiUrl: process.env.LLMLORA_API_URL || undefined,
    apiPort: Number(process.env.LLMLORA_API_PORT) || undefined,
  };
  return <script nonce={(await headers()).get(NONCE_HEADER) ?? undefined} dangerouslySetInnerHTML={{ __html: runtimeScript(runtime) }} />;
}
