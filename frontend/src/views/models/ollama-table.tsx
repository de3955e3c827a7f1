import { MessageSquare } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { LinkButton } from "@/components/ui/link-button";
import { PersonsName } from "@/components/ui/persons-name";
import { Table, Td, Th, Tr } from "@/components/ui/table";
import type { OllamaModelOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { NO_BASE, chatWith, newTraining } from "@/lib/routes";

import { OllamaMenu } from "./ollama-menu";
import { useCanAnswer } from "./use-can-answer";

interface OllamaTableProps {
  models: readonly OllamaModelOut[];
  onOpen: (name: string) => void;
  onOpenDeployment: (id: string) => void;
}

/** Everything Ollama has. */
export function OllamaTable({ models, ...open }: OllamaTableProps) {
  const t = useTranslations("models.ollama.table");
  if (models.length === 0) return <p className="border-t px-3.5 py-3 text-ink-2">{t("nothing")}</p>;
  return (
    <Table caption={t("caption")} className="border-t">
      <thead>
        <tr>
          <Th className="pl-3.5">{t("name")}</Th>
          <Th numeric>{t("size")}</Th>
          <Th numeric className="hidden md:table-cell">
            {t("parameters")}
          </Th>
          <Th className="hidden sm:table-cell">{t("quantisation")}</Th>
          <Th className="hidden lg:table-cell">{t("training")}</Th>
          <Th className="hidden xl:table-cell">{t("changed")}</Th>
          <Th className="pr-3.5">
            <span className="sr-only">{t("actions")}</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {models.map((model) => (
          <ModelRow key={model.name} model={model} {...open} />
        ))}
      </tbody>
    </Table>
  );
}

function ModelRow({ model, onOpen, onOpenDeployment }: Omit<OllamaTableProps, "models"> & { model: OllamaModelOut }) {
  const t = useTranslations("models.ollama.table");
  const format = useFormat();
  const { name, base, deployment_id: deployment } = model;
  const canAnswer = useCanAnswer()(model);
  const open = () => onOpen(name);
  return (
    <Tr>
      <Td className="pl-3.5">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <button type="button" onClick={open} translate="no" className="rounded-sm text-left font-medium break-all hover:underline">
            <PersonsName>{name}</PersonsName>
          </button>
          {deployment && (
            <button type="button" onClick={() => onOpenDeployment(deployment)} title={t("toTuned")} className="rounded-full">
              <Badge tone="ai">{t("ours")}</Badge>
            </button>
          )}
          {model.is_changed && (
            <span title={t("replacedHint")}>
              <Badge tone="caution">{t("replaced")}</Badge>
            </span>
          )}
        </span>
      </Td>
      <Td numeric>{format.bytes(model.size_bytes)}</Td>
      <Td numeric className="hidden md:table-cell">
        {model.parameter_size ?? "–"}
      </Td>
      <Td className="hidden text-ink-2 sm:table-cell">{model.quantisation ?? "–"}</Td>
      <Td className="hidden max-w-72 text-ink-2 lg:table-cell">
        <Usable model={model} />
      </Td>
      <Td className="hidden whitespace-nowrap text-ink-2 xl:table-cell">
        {model.modified_at ? format.relative(model.modified_at) : "–"}
      </Td>
      <Td className="pr-3.5">
        <div className="flex items-center justify-end gap-1">
          {base.reference && (
            <LinkButton size="sm" variant="quiet" className="max-lg:hidden" href={newTraining({ base: base.reference })}>
              {t("train")}
            </LinkButton>
          )}
          {canAnswer && (
            <LinkButton size="sm" className="max-sm:hidden" href={chatWith(name, deployment ? null : NO_BASE)}>
              <MessageSquare aria-hidden />
              {t("chat")}
            </LinkButton>
          )}
          <OllamaMenu model={model} onOpen={open} onOpenDeployment={onOpenDeployment} />
        </div>
      </Td>
    </Tr>
  );
}

/** Whether one can train on its weights, and why not. */
function Usable({ model: { base } }: { model: OllamaModelOut }) {
  const t = useTranslations("models.ollama.table");
  const locale = useLocale();
  if (base.reference) return t("usable");
  const reason = (locale === "ja" ? base.reason_ja : base.reason_en) ?? "";
  return (
    <span className="block max-w-72 text-xs text-pretty text-ink-3">{reason}</span>
  );
}
