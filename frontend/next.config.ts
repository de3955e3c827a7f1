import { fileURLToPath } from "node:url";

import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

import { spokenIn } from "./src/lib/i18n/spoken";

const here = fileURLToPath(new URL(".", import.meta.url));

const config: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: here,
  turbopack: { root: here },
  images: { unoptimized: true },
  poweredByHeader: false,
  reactStrictMode: true,
  typedRoutes: true,
  // `./llmlora check` does it; a build need not do it again.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
  // Which messages each page is sent (src/app/words.tsx).
  env: { SPOKEN: JSON.stringify(spokenIn(here)) },
  // Browsers ask for it before a page that streams has named its icon.
  rewrites: async () => [{ source: "/favicon.ico", destination: "/icon.svg" }],
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        { key: "X-Content-Type-Options", value: "nosniff" },
        { key: "X-Frame-Options", value: "DENY" },
        { key: "Referrer-Policy", value: "same-origin" },
      ],
    },
  ],
};

const withNextIntl = createNextIntlPlugin({
  requestConfig: "./src/lib/i18n/request.ts",
  // Messages are parsed by the build, so that no page brings a parser.
  experimental: {
    messages: { path: "./messages", format: "json", locales: "infer", sourceLocale: "ja", precompile: true },
  },
});

const spoken = withNextIntl(config);

const isolating: NextConfig = {
  ...spoken,
  turbopack: {
    ...spoken.turbopack,
    // In place of the plugin's own formatter of messages: ours calls it, and isolates the words that are filled in.
    resolveAlias: { ...spoken.turbopack?.resolveAlias, "use-intl/format-message": "./src/lib/i18n/format-message.ts" },
  },
};

export default isolating;
