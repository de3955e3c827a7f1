import { useTranslations } from "next-intl";
import { type ReactNode, useRef } from "react";

import { ACCEPTED } from "@/entities/dataset/accepted";

/** The browser's own window for choosing files, opened by a button of ours. `input` has to be on the page. */
export function useFileChoice(onFiles: (files: File[]) => void): { open: () => void; input: ReactNode } {
  const t = useTranslations("datasets.add");
  const input = useRef<HTMLInputElement>(null);
  return {
    open: () => input.current?.click(),
    input: (
      <input
        ref={input}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        accept={ACCEPTED}
        aria-label={t("choose")}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = "";
          if (files.length > 0) onFiles(files);
        }}
      />
    ),
  };
}
