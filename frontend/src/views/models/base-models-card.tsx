import { MessageSquare } from "lucide-react";
import { useTranslations } from "next-intl";
import { useMemo } from "react";

import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { ListTotals } from "@/components/ui/list-totals";
import { LinkButton } from "@/components/ui/link-button";
import { PersonsName } from "@/components/ui/persons-name";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { ROW_LINK } from "@/components/ui/row-walk";
import type { Column } from "@/components/ui/table-columns";
import { shortName } from "@/entities/chat/choose";
import { TagChips } from "@/entities/label/tag-chips";
import { useDoomedBase } from "@/entities/model/use-doomed";
import type { useBaseModels } from "@/entities/model/queries";
import { licenceName } from "@/entities/model/licence";
import type { ListedBaseModel } from "@/lib/api/generated/types.gen";
import { NOTHING } from "@/lib/format";
import { useFormat } from "@/lib/use-format";
import { NO_BASE, chatWith } from "@/lib/routes";

import { BaseMenu } from "./base-menu";
import { ImportRows } from "./import-rows";
import { useModelRows } from "./use-model-rows";

interface BaseModelsCardProps {
  query: ReturnType<typeof useBaseModels>;
  onOpen: (idOrReference: string) => void;
}

/** What trainings begin with: bundled, from a folder, from the hub. */
export function BaseModelsCard({ query, onOpen }: BaseModelsCardProps) {
  const t = useTranslations("models.bases");
  const columns = useBaseColumns(onOpen);
  const { rows, selection, bar } = useModelRows("base_model", query.models, { idOf, nameOf, doomed: useDoomedBase() });
  return (
    <Card title={t("title")} aside={t("description")} flush>
      <div className={query.data ? undefined : "min-h-20"}>
        <QueryBoundary query={query} waiting={null} problemClassName="m-3.5">
          <DataTable
            name="base-models"
            caption={t("title")}
            columns={columns}
            rows={rows}
            rowId={idOf}
            selection={selection}
            lead={(cells) => <ImportRows models={query.models} cells={cells} />}
          />
          {!query.hasNextPage && query.models.length > 0 && <Totals models={query.models} />}
        </QueryBoundary>
      </div>
      {bar}
    </Card>
  );
}

function nameOf({ reference }: ListedBaseModel): string {
  return shortName(reference);
}

/** What they take on the disk: those that are not there yet take nothing. */
function Totals({ models }: { models: readonly ListedBaseModel[] }) {
  const t = useTranslations("models.bases");
  const format = useFormat();
  const bytes = models.reduce((sum, { id, size_bytes: size }) => sum + (id === null ? 0 : (size ?? 0)), 0);
  return <ListTotals className="border-t px-3.5 py-2" parts={[t("count", { count: models.length }), bytes > 0 && t("onDisk", { size: format.bytes(bytes) })]} />;
}

function idOf({ id, reference }: ListedBaseModel): string {
  return id ?? reference;
}

function useBaseColumns(onOpen: (idOrReference: string) => void): Column<ListedBaseModel>[] {
  const t = useTranslations("models.bases");
  const format = useFormat();
  return useMemo(
    () => [
      {
        id: "name",
        label: t("name"),
        value: ({ reference }) => shortName(reference),
        text: ({ reference }) => reference,
        cell: (model) => <Name model={model} onOpen={() => onOpen(idOf(model))} />,
      },
      {
        id: "source",
        label: t("source"),
        from: "sm",
        className: "text-ink-2",
        value: ({ source }) => sourceWord(source, t),
        cell: ({ source }) => sourceWord(source, t),
      },
      {
        id: "parameters",
        label: t("parameters"),
        numeric: true,
        from: "md",
        value: ({ parameters }) => parameters,
        cell: ({ parameters }) => format.number(parameters, { notation: "compact", maximumSignificantDigits: 3 }),
      },
      { id: "size", label: t("size"), numeric: true, unit: "bytes", value: ({ size_bytes: size }) => size, cell: ({ size_bytes: size }) => format.bytes(size) },
      {
        id: "context",
        label: t("context"),
        numeric: true,
        from: "lg",
        value: ({ context_length: length }) => length,
        cell: ({ context_length: length }) => format.number(length),
      },
      {
        id: "licence",
        label: t("licence"),
        from: "lg",
        className: "text-ink-2",
        value: ({ licence }) => licenceName(licence),
        cell: ({ licence }) => licenceName(licence) ?? NOTHING,
      },
      {
        id: "used",
        label: t("usedBy"),
        from: "xl",
        className: "text-ink-2",
        value: ({ deployments }) => deployments,
        cell: ({ deployments }) => t("uses", { count: deployments }),
      },
      { id: "actions", label: t("actions"), hideLabel: true, cell: (model) => <Actions model={model} onOpen={() => onOpen(idOf(model))} /> },
    ],
    [t, format, onOpen],
  );
}

interface ModelProps {
  model: ListedBaseModel;
  onOpen: () => void;
}

function Name({ model, onOpen }: ModelProps) {
  const t = useTranslations("models.bases");
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <button {...ROW_LINK} type="button" aria-haspopup="dialog" onClick={onOpen} title={model.reference} className="rounded-sm text-left font-medium hover:underline">
        <PersonsName>{shortName(model.reference)}</PersonsName>
      </button>
      <TagChips tags={model.tags} list="/models" most={3} />
      {model.state === "available" && <Badge>{t("available")}</Badge>}
      {model.state === "registered" && !model.gguf_path && <Badge tone="caution">{t("noGguf")}</Badge>}
    </span>
  );
}

function Actions({ model, onOpen }: ModelProps) {
  const t = useTranslations("models.bases");
  return (
    <div className="flex items-center justify-end gap-1">
      {model.gguf_path && (
        <LinkButton size="sm" className="hidden sm:inline-flex" href={chatWith(model.reference, NO_BASE)}>
          <MessageSquare aria-hidden />
          {t("chat")}
        </LinkButton>
      )}
      <BaseMenu model={model} onOpen={onOpen} />
    </div>
  );
}

export function sourceWord(source: string, t: ReturnType<typeof useTranslations<"models.bases">>): string {
  return source === "bundled" || source === "path" || source === "hf" || source === "ollama" ? t(`sources.${source}`) : source;
}
