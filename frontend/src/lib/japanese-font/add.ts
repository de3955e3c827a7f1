import { CHARACTERS, FILES } from "./faces";
import { unpacked } from "./ranges";

/** As `--font-sans` calls it. */
const FAMILY = "Noto Sans JP Variable";

let isAdded = false;

/** Make the font known to the page, once: the browser then fetches of its files those whose characters it draws. */
export function addJapaneseFont(): void {
  if (isAdded) return;
  isAdded = true;
  unpacked(CHARACTERS).forEach((runs, index) => {
    const unicodeRange = runs.map(([first, last]) => `U+${first.toString(16)}-${last.toString(16)}`).join();
    document.fonts.add(new FontFace(FAMILY, `url(${FILES[index]?.href}) format("woff2-variations")`, { weight: "100 900", display: "swap", unicodeRange }));
  });
}
