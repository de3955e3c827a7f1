import { useTranslations } from "next-intl";

import { Combobox } from "@/components/ui/combobox";
import { FEW, type Option } from "@/components/ui/option";
import { Select } from "@/components/ui/select";
import { NOBODY, shortName } from "@/entities/chat/choose";
import { useEngineName } from "@/entities/model/engine-badge";
import type { ChatModelOut } from "@/lib/api/generated/types.gen";

import { ModelNote } from "./model-note";
import type { Chat } from "./use-chat";

/** Who answers: one model, or two side by side above their answers. */
export function ModelBar({ chat }: { chat: Chat }) {
  const t = useTranslations("chat.models");
  const { left, right } = chat.chosen;
  const options = useOptions(chat.models.data ?? [], [left, right]);
  return (
    <div className="border-b px-4 pt-2 pb-2 md:px-5">
      <div className="mx-auto grid w-full max-w-[78rem] grid-cols-2 gap-x-3">
        <div className="min-w-0">
          <Choice label={t("left")} options={options} value={left} onChange={(name) => chat.pick("left", name)} />
          <ModelNote name={left} models={chat.models.data} />
        </div>
        <div className="min-w-0">
          <Choice
            label={t("right")}
            options={[{ value: NOBODY, label: t("nobody") }, ...options]}
            value={right ?? NOBODY}
            disabled={left === null}
            onChange={(name) => chat.pick("right", name)}
          />
          {right !== null && <ModelNote name={right} models={chat.models.data} />}
        </div>
      </div>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  options: readonly Option[];
  value: string | null;
  disabled?: boolean;
  onChange: (name: string) => void;
}

/** A list to pick from; of many, one that is found by typing. */
function Choice({ onChange, ...props }: ChoiceProps) {
  if (props.options.length <= FEW) return <Select {...props} onChange={onChange} />;
  return <Combobox {...props} required onChange={(name) => name !== null && onChange(name)} />;
}

function useOptions(models: readonly ChatModelOut[], chosen: readonly (string | null)[]) {
  const t = useTranslations("chat.models");
  const nameOf = useEngineName();
  const isOllamaAway = models.every(({ engine, servable }) => engine !== "ollama" || !servable);
  const reason = ({ kind, engine }: ChatModelOut) => {
    if (engine === "ollama" && isOllamaAway) return "ollamaAway";
    return kind === "base" ? "noGguf" : "unusable";
  };
  const known = models.map((model) => ({
    value: model.name,
    label: shortName(model.name),
    hint: model.servable ? nameOf(model.engine) : t(reason(model)),
    group: t(`groups.${model.kind}`),
    disabled: !model.servable,
  }));
  const unknown = chosen.filter((name) => name !== null && !models.some((model) => model.name === name));
  return [...unknown.map((name) => ({ value: name ?? "", label: shortName(name ?? ""), hint: t("unusable") })), ...known];
}
