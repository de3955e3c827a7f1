import { MessageSquare } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useMemo } from "react";

import { Badge } from "@/components/ui/badge";
import { DataTable } from "@/components/ui/data-table";
import { LinkButton } from "@/components/ui/link-button";
import { PersonsName } from "@/components/ui/persons-name";
import { ROW_LINK } from "@/components/ui/row-walk";
import type { Column } from "@/components/ui/table-columns";
import type { OllamaModelOut } from "@/lib/api/generated/types.gen";
import { NOTHING } from "@/lib/format";
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
  const columns = useOllamaColumns(open);
  return (
    <DataTable
      name="ollama"
      caption={t("caption")}
      columns={columns}
      rows={models}
      rowId={nameOf}
      className="border-t"
      empty={<p className="border-t px-3.5 py-3 text-ink-2">{t("nothing")}</p>}
    />
  );
}

function nameOf({ name }: OllamaModelOut): string {
  return name;
}

function useOllamaColumns({ onOpen, onOpenDeployment }: Omit<OllamaTableProps, "models">): Column<OllamaModelOut>[] {
  const t = useTranslations("models.ollama.table");
  const locale = useLocale();
  const format = useFormat();
  return useMemo(
    () => [
      { id: "name", label: t("name"), value: nameOf, cell: (model) => <Name model={model} onOpen={onOpen} onOpenDeployment={onOpenDeployment} /> },
      { id: "size", label: t("size"), numeric: true, unit: "bytes", value: ({ size_bytes: size }) => size, cell: ({ size_bytes: size }) => format.bytes(size) },
      {
        id: "parameters",
        label: t("parameters"),
        numeric: true,
        from: "md",
        value: ({ parameter_size: size }) => size,
        cell: ({ parameter_size: size }) => size ?? NOTHING,
      },
      {
        id: "quantisation",
        label: t("quantisation"),
        from: "sm",
        className: "text-ink-2",
        value: ({ quantisation }) => quantisation,
        cell: ({ quantisation }) => quantisation ?? NOTHING,
      },
      {
        id: "training",
        label: t("training"),
        from: "lg",
        className: "max-w-72 text-ink-2",
        value: ({ base }) => (base.reference ? t("usable") : reasonOf(base, locale)),
        cell: (model) => <Usable model={model} />,
      },
      {
        id: "changed",
        label: t("changed"),
        from: "xl",
        className: "whitespace-nowrap text-ink-2",
        value: ({ modified_at: at }) => (at ? Date.parse(at) : null),
        text: ({ modified_at: at }) => at ?? "",
        cell: ({ modified_at: at }) => (at ? format.relative(at) : NOTHING),
      },
      {
        id: "actions",
        label: t("actions"),
        hideLabel: true,
        cell: (model) => <Actions model={model} onOpen={onOpen} onOpenDeployment={onOpenDeployment} />,
      },
    ],
    [t, locale, format, onOpen, onOpenDeployment],
  );
}

type ModelProps = Omit<OllamaTableProps, "models"> & { model: OllamaModelOut };

function Name({ model, onOpen, onOpenDeployment }: ModelProps) {
  const t = useTranslations("models.ollama.table");
  const { name, deployment_id: deployment } = model;
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <button {...ROW_LINK} type="button" aria-haspopup="dialog" onClick={() => onOpen(name)} translate="no" className="rounded-sm text-left font-medium break-all hover:underline">
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
  );
}

function Actions({ model, onOpen, onOpenDeployment }: ModelProps) {
  const t = useTranslations("models.ollama.table");
  const { name, base, deployment_id: deployment } = model;
  const canAnswer = useCanAnswer()(model);
  return (
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
      <OllamaMenu model={model} onOpen={() => onOpen(name)} onOpenDeployment={onOpenDeployment} />
    </div>
  );
}

/** Whether one can train on its weights, and why not. */
function Usable({ model: { base } }: { model: OllamaModelOut }) {
  const t = useTranslations("models.ollama.table");
  const locale = useLocale();
  if (base.reference) return t("usable");
  return <span className="block max-w-72 text-xs text-pretty text-ink-3">{reasonOf(base, locale)}</span>;
}

function reasonOf(base: OllamaModelOut["base"], locale: string): string {
  return (locale === "ja" ? base.reason_ja : base.reason_en) ?? "";
}
