"use client";

import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import type { TusUpload } from "./tus";
import { useUploads } from "./use-uploads";
import { isolated } from "@/lib/isolate";

import { withHeaderLine, withoutHeaderLine } from "./header-line";

const TABLE = /\.(csv|tsv|txt)$/i;
const SMALL_BYTES = 4 << 20;

/** What line 1 of a table was taken for, and the other way to take it. */
export function HeaderNote({ upload, columns, disabled }: { upload: TusUpload; columns: readonly string[]; disabled: boolean }) {
  const t = useTranslations("datasets.header");
  const add = useUploads((store) => store.add);
  const remove = useUploads((store) => store.remove);
  const { file } = upload;
  const original = withoutHeaderLine(file);
  if (!TABLE.test(file.name) || columns.length === 0) return null;
  const replaceBy = async (next: File | Promise<File>) => {
    add([await next]);
    await remove(upload).catch(() => undefined);
  };
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-2">
      <span className="min-w-0">
        {original ? t("isRow") : t.rich("isHeader", { names: () => <span className="[overflow-wrap:anywhere]">{columns.map(isolated).join(" / ")}</span> })}
      </span>
      {(original || file.size <= SMALL_BYTES) && (
        <Button size="sm" variant="quiet" disabled={disabled} onClick={() => void replaceBy(original ?? withHeaderLine(file))}>
          {original ? t("toHeader") : t("toRow")}
        </Button>
      )}
    </p>
  );
}
