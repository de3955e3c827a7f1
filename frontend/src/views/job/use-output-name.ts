import { useTranslations } from "next-intl";

import { useWayWords } from "@/entities/target/use-words";
import { fileConfig } from "@/entities/target/registry";

import { FILE, type Output } from "./outputs";

/** What an output is called, in its way and its form. */
export function useOutputName(): (output: Output) => string {
  const t = useTranslations("job.outputs");
  const { wayOf } = useWayWords();
  const formName = useFormName();
  return (output) => {
    const way = output.way === FILE ? t("fileShort") : wayOf(output.way);
    return [way, formName(output)].filter(Boolean).join(" · ");
  };
}

/** What a form is called where its way is said beside it. Number formats are their own names. */
export function useFormName(): (output: Output) => string {
  const t = useTranslations("job.outputs");
  const { formOf } = useWayWords();
  return ({ way, format }) => {
    if (way !== FILE) return formOf(way, format);
    const { target, outtype } = fileConfig(format);
    return t(target === "adapter" ? "files.adapter" : "files.merged", { outtype });
  };
}
