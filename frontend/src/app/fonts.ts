import localFont from "next/font/local";

/** Latin letters and figures; preloaded, with a fallback of the same widths, so that nothing moves when it arrives. */
export const inter = localFont({
  src: "../../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  variable: "--font-inter",
  weight: "100 900",
  display: "swap",
  adjustFontFallback: "Arial",
});
