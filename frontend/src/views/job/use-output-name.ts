import { useTranslations } from "next-intl";

import { OLLAMA_FORMS } from "@/entities/ollama/forms";

import type { Output } from "./outputs";

/** What an output is called, in its way and its form. */
export function useOutputName(): (output: Output) => string {
  const t = useTranslations("job.outputs");
  const formName = useFormName();
  return (output) => t(`named.${output.way}`, { form: formName(output) });
}

/** What a form is called where its way is said beside it. Number formats are their own names. */
export function useFormName(): (output: Output) => string {
  const t = useTranslations("job.outputs");
  const forms = useTranslations("newTraining.finish.ollama.forms");
  return ({ way, format }) => {
    const [target = "", outtype = ""] = format.split(":");
    if (way === "gguf") return t(target === "adapter" ? "files.adapter" : "files.merged", { outtype });
    const form = OLLAMA_FORMS.find((one) => one === format);
    return way === "ollama" && form ? forms(form) : format;
  };
}
