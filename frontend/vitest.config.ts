import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const alias = { "@": fileURLToPath(new URL("./src", import.meta.url)) };

/** `*.test.ts` run in Node, `*.test.tsx` in a document. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: { name: "logic", environment: "node", include: ["src/**/*.test.ts"] },
      },
      {
        plugins: [react()],
        resolve: { alias },
        test: { name: "pages", environment: "happy-dom", include: ["src/**/*.test.tsx"] },
      },
    ],
  },
});
