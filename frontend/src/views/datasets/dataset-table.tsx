"use client";

import { Download, MoreHorizontal, Play, Trash2 } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useMemo } from "react";

import { PersonsName } from "@/components/ui/persons-name";
import { Badge } from "@/components/ui/badge";
import { DataTable } from "@/components/ui/data-table";
import { IconButton } from "@/components/ui/icon-button";
import { Link } from "@/components/ui/link";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { StateMark } from "@/components/ui/state-badge";
import { ROW_LINK } from "@/components/ui/row-walk";
import type { Column, Order } from "@/components/ui/table-columns";
import type { Selection } from "@/components/ui/table-selection";
import { useKindBook } from "@/entities/dataset/queries";
import { useRecipeBook } from "@/entities/recipe/queries";
import { datasetFilePath } from "@/entities/dataset/mutations";
import { useDelayedDelete, useDoomedDataset } from "@/entities/dataset/use-delayed-delete";
import { askToDelete } from "@/entities/label/asked";
import { EditLabelItem } from "@/entities/label/edit-item";
import { TagChips } from "@/entities/label/tag-chips";
import { useApiLink } from "@/lib/api/address";
import type { DatasetOut, UsedDataset } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { datasetPage, newTraining } from "@/lib/routes";

interface DatasetTableProps {
  datasets: readonly UsedDataset[];
  /** The list is sorted by whoever brings it. */
  order: Order;
  selection: Selection<UsedDataset>;
}

export function DatasetTable({ datasets, order, selection }: DatasetTableProps) {
  const t = useTranslations("datasets.list");
  const columns = useDatasetColumns();
  return <DataTable name="datasets" caption={t("caption")} columns={columns} rows={datasets} rowId={idOf} order={order} selection={selection} />;
}

function idOf({ id }: UsedDataset): string {
  return id;
}

function useDatasetColumns(): Column<UsedDataset>[] {
  const t = useTranslations("datasets.list");
  const locale = useLocale();
  const kinds = useKindBook();
  const format = useFormat();
  return useMemo(
    () => [
      { id: "name", label: t("name"), className: "max-w-72", value: ({ name }) => name, cell: (dataset) => <Name dataset={dataset} /> },
      {
        id: "kind",
        label: t("kind"),
        className: "whitespace-nowrap text-ink-2",
        value: ({ kind }) => kinds.title(kind, locale),
        cell: ({ kind }) => kinds.title(kind, locale),
      },
      {
        id: "format",
        label: t("format"),
        from: "md",
        className: "whitespace-nowrap text-ink-2",
        value: ({ source_format: format, encoding }) => [format, encoding ?? ""].join(" ").trim().toUpperCase(),
        cell: ({ source_format: format, encoding }) => (
          <>
            {format.toUpperCase()}
            {encoding && <span className="ml-1.5 text-xs text-ink-3">{encoding.toUpperCase()}</span>}
          </>
        ),
      },
      {
        id: "rows",
        label: t("rows"),
        numeric: true,
        value: ({ counts }) => counts.kept,
        cell: ({ counts }) => (
          <>
            {counts.refused > 0 && <span className="mr-2 text-xs text-caution max-sm:hidden">{t("refused", { count: counts.refused })}</span>}
            {format.number(counts.kept)}
          </>
        ),
      },
      {
        id: "size",
        label: t("size"),
        numeric: true,
        unit: "bytes",
        from: "sm",
        className: "text-ink-2",
        value: ({ original_size_bytes: size }) => size,
        cell: ({ original_size_bytes: size }) => format.bytes(size),
      },
      {
        id: "created",
        label: t("created"),
        from: "sm",
        className: "whitespace-nowrap text-ink-2",
        value: ({ created_at: at }) => Date.parse(at),
        text: ({ created_at: at }) => at,
        cell: ({ created_at: at }) => (
          <time dateTime={at} title={format.dateTime(at)}>
            {format.relative(at)}
          </time>
        ),
      },
      {
        id: "jobs",
        label: t("use"),
        from: "md",
        className: "whitespace-nowrap text-ink-2",
        value: ({ jobs }) => jobs,
        cell: ({ jobs, open_jobs: open }) =>
          open > 0 ? (
            <Badge tone="ai" mark={<StateMark state="running" />}>
              {t("live", { count: open })}
            </Badge>
          ) : (
            jobs > 0 && t("jobs", { count: jobs })
          ),
      },
      {
        id: "actions",
        label: t("actions"),
        hideLabel: true,
        headClassName: "w-px",
        cell: (dataset) => <RowMenu dataset={dataset} live={dataset.open_jobs} />,
      },
    ],
    [t, kinds, locale, format],
  );
}

function Name({ dataset: { id, name, tags } }: { dataset: UsedDataset }) {
  const router = useRouter();
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <Link
        {...ROW_LINK}
        href={datasetPage(id)}
        className="block max-w-full truncate rounded-sm font-medium underline-offset-2 hover:underline"
        onMouseEnter={() => router.prefetch(datasetPage(id))}
      >
        <PersonsName>{name}</PersonsName>
      </Link>
      <TagChips tags={tags} list="/datasets" most={3} />
    </span>
  );
}

function RowMenu({ dataset, live }: { dataset: DatasetOut; live: number }) {
  const t = useTranslations("datasets.list");
  const book = useRecipeBook();
  const linkTo = useApiLink();
  const remove = useDelayedDelete();
  const doomed = useDoomedDataset();
  // What nobody waits for goes without a question: it can be called back.
  const wish = () => (live === 0 ? remove(dataset) : askToDelete("dataset", [doomed(dataset)]));
  const trigger = (
    <IconButton label={t("actionsOf", { name: dataset.name })} size="sm">
      <MoreHorizontal aria-hidden />
    </IconButton>
  );
  return (
    <Menu trigger={trigger}>
      {book.learnsFrom(dataset.kind) && (
        <MenuItem icon={<Play aria-hidden />} href={newTraining({ dataset: dataset.id })}>
          {t("train")}
        </MenuItem>
      )}
      <MenuItem icon={<Download aria-hidden />} onSelect={() => window.location.assign(linkTo(datasetFilePath(dataset.id)))}>
        {t("download")}
      </MenuItem>
      <EditLabelItem {...dataset} kind="dataset" />
      <MenuSeparator />
      <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={wish}>
        {t("delete")}
      </MenuItem>
    </Menu>
  );
}
