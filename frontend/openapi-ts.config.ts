import { defineConfig } from "@hey-api/openapi-ts";

/**
 * The typed client of `docs/openapi.json`. Streams and sockets are written by hand beside it.
 *
 * TanStack Query's plugin is left out: it types errors as the wire's `Problem`, while `lib/api/client.ts` throws
 * `ProblemError`, and its keys hold the base URL.
 */
export default defineConfig({
  input: "../docs/openapi.json",
  // `./llmlora check` draws it elsewhere, to compare.
  output: {
    path: process.env.GENERATED_CLIENT ?? "src/lib/api/generated",
    clean: true,
    entryFile: false,
  },
  plugins: [
    { name: "@hey-api/client-fetch", throwOnError: true, runtimeConfigPath: "../client" },
    "@hey-api/typescript",
    "@hey-api/sdk",
  ],
});
