import { connection } from "next/server";

/**
 * Tells the page where the API is, from the environment of the server that runs and not of the one that built.
 * Without `LLMLORA_API_URL` it is the page's own host at `LLMLORA_API_PORT` (`lib/api/client.ts`).
 */
export async function RuntimeScript() {
  await connection();
  const runtime = {
    apiUrl: process.env.LLMLORA_API_URL || undefined,
    apiPort: Number(process.env.LLMLORA_API_PORT) || undefined,
  };
  const json = JSON.stringify(runtime).replace(/</g, "\\u003c");
  return <script dangerouslySetInnerHTML={{ __html: `window.__LLMLORA__=${json}` }} />;
}
