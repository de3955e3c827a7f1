import { MessageSquare } from "lucide-react";
import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { PersonsName } from "@/components/ui/persons-name";
import { ProblemState } from "@/components/ui/problem";
import { Table, Td, Th, Tr } from "@/components/ui/table";
import { shortName } from "@/entities/chat/choose";
import type { useBaseModels } from "@/entities/model/queries";
import { licenceName } from "@/entities/model/licence";
import type { ListedBaseModel } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { NO_BASE, chatWith } from "@/lib/routes";

import { BaseMenu } from "./base-menu";
import { ImportRows } from "./import-rows";

interface BaseModelsCardProps {
  query: ReturnType<typeof useBaseModels>;
  onOpen: (idOrReference: string) => void;
}

/** What trainings begin with: bundled, from a folder, from the hub. */
export function BaseModelsCard({ query, onOpen }: BaseModelsCardProps) {
  const t = useTranslations("models.bases");
  return (
    <Card title={t("title")} aside={t("description")} flush>
      <div className="min-h-20">
        {query.isError && <ProblemState problem={query.error} onRetry={() => void query.refetch()} className="m-3.5" />}
        {query.isSuccess && (
          <Table caption={t("title")}>
            <thead>
              <tr>
                <Th className="pl-3.5">{t("name")}</Th>
                <Th className="hidden sm:table-cell">{t("source")}</Th>
                <Th numeric className="hidden md:table-cell">
                  {t("parameters")}
                </Th>
                <Th numeric>{t("size")}</Th>
                <Th numeric className="hidden lg:table-cell">
                  {t("context")}
                </Th>
                <Th className="hidden lg:table-cell">{t("licence")}</Th>
                <Th className="hidden xl:table-cell">{t("usedBy")}</Th>
                <Th className="pr-3.5">
                  <span className="sr-only">{t("actions")}</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              <ImportRows models={query.models} />
              {query.models.map((model) => (
                <BaseRow
                  key={model.id ?? model.reference}
                  model={model}
                  onOpen={() => onOpen(model.id ?? model.reference)}
                />
              ))}
            </tbody>
          </Table>
        )}
      </div>
    </Card>
  );
}

function BaseRow({ model, onOpen }: { model: ListedBaseModel; onOpen: () => void }) {
  const t = useTranslations("models.bases");
  const format = useFormat();
  return (
    <Tr>
      <Td className="pl-3.5">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <button type="button" onClick={onOpen} title={model.reference} className="rounded-sm text-left font-medium hover:underline">
            <PersonsName>{shortName(model.reference)}</PersonsName>
          </button>
          {model.state === "available" && <Badge>{t("available")}</Badge>}
          {model.state === "registered" && !model.gguf_path && <Badge tone="caution">{t("noGguf")}</Badge>}
        </span>
      </Td>
      <Td className="hidden text-ink-2 sm:table-cell">{sourceWord(model.source, t)}</Td>
      <Td numeric className="hidden md:table-cell">
        {format.number(model.parameters, { notation: "compact", maximumSignificantDigits: 3 })}
      </Td>
      <Td numeric>{format.bytes(model.size_bytes)}</Td>
      <Td numeric className="hidden lg:table-cell">
        {format.number(model.context_length)}
      </Td>
      <Td className="hidden text-ink-2 lg:table-cell">{licenceName(model.licence) ?? "–"}</Td>
      <Td className="hidden text-ink-2 xl:table-cell">{t("uses", { count: model.deployments })}</Td>
      <Td className="pr-3.5">
        <div className="flex items-center justify-end gap-1">
          {model.gguf_path && (
            <LinkButton size="sm" className="hidden sm:inline-flex" href={chatWith(model.reference, NO_BASE)}>
              <MessageSquare aria-hidden />
              {t("chat")}
            </LinkButton>
          )}
          <BaseMenu model={model} onOpen={onOpen} />
        </div>
      </Td>
    </Tr>
  );
}

export function sourceWord(source: string, t: ReturnType<typeof useTranslations<"models.bases">>): string {
  return source === "bundled" || source === "path" || source === "hf" || source === "ollama" ? t(`sources.${source}`) : source;
}
