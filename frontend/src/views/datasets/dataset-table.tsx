"use client";

import { Download, MoreHorizontal, Play, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";

import { PersonsName } from "@/components/ui/persons-name";
import { Badge } from "@/components/ui/badge";
import { IconButton } from "@/components/ui/icon-button";
import { Link } from "@/components/ui/link";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { StateMark } from "@/components/ui/state-badge";
import { Table, Td, Th, Tr } from "@/components/ui/table";
import { notify } from "@/components/ui/toast";
import { isTrainable, kindName } from "@/entities/dataset/fields";
import { datasetFilePath } from "@/entities/dataset/mutations";
import { useDelayedDelete } from "@/entities/dataset/use-delayed-delete";
import { useApiLink } from "@/lib/api/address";
import type { DatasetOut, UsedDataset } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { datasetPage, newTraining } from "@/lib/routes";

export function DatasetTable({ datasets }: { datasets: readonly UsedDataset[] }) {
  const t = useTranslations("datasets.list");
  return (
    <Table caption={t("caption")}>
      <thead>
        <Tr>
          <Th className="pl-3.5">{t("name")}</Th>
          <Th>{t("kind")}</Th>
          <Th className="max-md:hidden">{t("format")}</Th>
          <Th numeric>{t("rows")}</Th>
          <Th numeric className="max-sm:hidden">
            {t("size")}
          </Th>
          <Th className="max-sm:hidden">{t("created")}</Th>
          <Th className="max-md:hidden">{t("use")}</Th>
          <Th className="w-px pr-3.5">
            <span className="sr-only">{t("actions")}</span>
          </Th>
        </Tr>
      </thead>
      <tbody>
        {datasets.map((dataset) => (
          <DatasetRow key={dataset.id} dataset={dataset} />
        ))}
      </tbody>
    </Table>
  );
}

function DatasetRow({ dataset }: { dataset: UsedDataset }) {
  const t = useTranslations("datasets.list");
  const kinds = useTranslations("datasets.kinds");
  const format = useFormat();
  const router = useRouter();
  const { counts } = dataset;
  return (
    <Tr>
      <Td className="max-w-72 pl-3.5">
        <Link
          href={datasetPage(dataset.id)}
          className="block truncate rounded-sm font-medium underline-offset-2 hover:underline"
          onMouseEnter={() => router.prefetch(datasetPage(dataset.id))}
        >
          <PersonsName>{dataset.name}</PersonsName>
        </Link>
      </Td>
      <Td className="whitespace-nowrap text-ink-2">{kinds(kindName(dataset.kind))}</Td>
      <Td className="whitespace-nowrap text-ink-2 max-md:hidden">
        {dataset.source_format.toUpperCase()}
        {dataset.encoding && <span className="ml-1.5 text-xs text-ink-3">{dataset.encoding.toUpperCase()}</span>}
      </Td>
      <Td numeric>
        {counts.refused > 0 && (
          <span className="mr-2 text-xs text-caution max-sm:hidden">{t("refused", { count: counts.refused })}</span>
        )}
        {format.number(counts.kept)}
      </Td>
      <Td numeric className="text-ink-2 max-sm:hidden">
        {format.bytes(dataset.original_size_bytes)}
      </Td>
      <Td className="whitespace-nowrap text-ink-2 max-sm:hidden">
        <time dateTime={dataset.created_at} title={format.dateTime(dataset.created_at)}>
          {format.relative(dataset.created_at)}
        </time>
      </Td>
      <Td className="whitespace-nowrap text-ink-2 max-md:hidden">
        {dataset.open_jobs > 0 ? (
          <Badge tone="ai" mark={<StateMark state="running" />}>
            {t("live", { count: dataset.open_jobs })}
          </Badge>
        ) : (
          dataset.jobs > 0 && t("jobs", { count: dataset.jobs })
        )}
      </Td>
      <Td className="pr-3.5">
        <RowMenu dataset={dataset} live={dataset.open_jobs} />
      </Td>
    </Tr>
  );
}

function RowMenu({ dataset, live }: { dataset: DatasetOut; live: number }) {
  const t = useTranslations("datasets.list");
  const words = useTranslations("datasets.delete");
  const linkTo = useApiLink();
  const remove = useDelayedDelete();
  const wish = () => {
    if (live === 0) return remove(dataset);
    notify.caution(words("refused", { name: dataset.name }), { description: words("inUse", { count: live }) });
  };
  const trigger = (
    <IconButton label={t("actionsOf", { name: dataset.name })} size="sm">
      <MoreHorizontal aria-hidden />
    </IconButton>
  );
  return (
    <Menu trigger={trigger}>
      {isTrainable(dataset.kind) && (
        <MenuItem icon={<Play aria-hidden />} href={newTraining({ dataset: dataset.id })}>
          {t("train")}
        </MenuItem>
      )}
      <MenuItem icon={<Download aria-hidden />} onSelect={() => window.location.assign(linkTo(datasetFilePath(dataset.id)))}>
        {t("download")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={wish}>
        {t("delete")}
      </MenuItem>
    </Menu>
  );
}
