import { useTranslations } from "next-intl";

import { useWayWords } from "@/entities/target/use-words";
import { fileParts, isFileKind } from "@/entities/target/registry";

import type { Output } from "./outputs";

/** What an output is called, in its way and its form. */
export function useOutputName(): (output: Output) => string {
  const t = useTranslations("job.outputs");
  const { wayOf } = useWayWords();
  const formName = useFormName();
  return (output) => {
    const way = isFileKind(output.way) ? t(`ways.${output.way}.short`) : wayOf(output.way);
    return [way, formName(output)].filter(Boolean).join(" · ");
  };
}

/** What a form is called where its way is said beside it. Number formats are their own names. */
export function useFormName(): (output: Output) => string {
  const t = useTranslations("job.outputs");
  const { formOf } = useWayWords();
  return ({ way, format }) => {
    if (!isFileKind(way)) return formOf(way, format);
    const { target, outtype } = fileParts(way).configOf(format);
    if (outtype === undefined) return format;
    return t(target === "adapter" ? "files.adapter" : "files.merged", { outtype });
  };
}
