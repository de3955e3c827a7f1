import { tellWholeTexts } from "@/components/ui/whole-text";
import { addJapaneseFont } from "@/lib/japanese-font/add";

/** What comes after a page, in one piece: the list of a font's 124 files, and what tells cut texts. */
export function begin(signal: AbortSignal): void {
  addJapaneseFont();
  if (!signal.aborted) tellWholeTexts(signal);
}
