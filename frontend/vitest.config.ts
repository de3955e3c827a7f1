import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { MINUTE_MS, PATIENCE_MS } from "./flows/support/patience";

const alias = { "@": fileURLToPath(new URL("./src", import.meta.url)) };

/**
 * `*.test.ts` run in Node, `*.test.tsx` in a document. `*.flow.ts` drive a browser over a whole studio, which
 * tests/e2e/test_studio.py starts for them.
 */
export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: { name: "logic", environment: "node", include: ["src/**/*.test.ts", "flows/support/*.test.ts"] },
      },
      {
        plugins: [react()],
        resolve: { alias },
        test: { name: "pages", environment: "happy-dom", include: ["src/**/*.test.tsx"], setupFiles: ["src/page-tests.ts"] },
      },
      {
        resolve: { alias },
        test: {
          name: "flows",
          environment: "node",
          include: ["flows/**/*.flow.ts"],
          testTimeout: MINUTE_MS,
          hookTimeout: MINUTE_MS,
          // What a page is waited for may take long on a busy machine; a second, as vitest has it, is a measurement.
          expect: { poll: { timeout: PATIENCE_MS } },
        },
      },
    ],
  },
});
