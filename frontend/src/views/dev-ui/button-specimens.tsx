"use client";

import { Copy, Ellipsis, Plus, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { IconButton } from "@/components/ui/icon-button";
import { Kbd } from "@/components/ui/kbd";
import { LinkButton } from "@/components/ui/link-button";

const SIZES = ["sm", "md", "lg"] as const;
const VARIANTS = [
  ["primary", "start"],
  ["secondary", "save"],
  ["quiet", "duplicate"],
  ["danger", "delete"],
  ["danger-solid", "delete"],
] as const;

export function ButtonSpecimens() {
  const t = useTranslations("devUi.words");
  return (
    <Card>
      <div className="grid gap-3">
        {SIZES.map((size) => (
          <div key={size} className="flex flex-wrap items-center gap-2">
            {VARIANTS.map(([variant, word]) => (
              <Button key={variant} variant={variant} size={size}>
                {t(word)}
              </Button>
            ))}
            <Button size={size}>
              <Plus aria-hidden />
              {t("addData")}
            </Button>
            <IconButton size={size} label={t("duplicate")}>
              <Copy aria-hidden />
            </IconButton>
            <IconButton size={size} variant="secondary" label={t("more")}>
              <Ellipsis aria-hidden />
            </IconButton>
            <IconButton size={size} variant="danger" label={t("delete")} keys="Del">
              <Trash2 aria-hidden />
            </IconButton>
          </div>
        ))}
        <div className="flex flex-wrap items-center gap-2">
          {VARIANTS.map(([variant]) => (
            <Button key={variant} variant={variant} disabled>
              {t("disabled")}
            </Button>
          ))}
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <Button variant="primary" pending>
            {t("start")}
          </Button>
          <Button pending>{t("save")}</Button>
          <LinkButton href="/" variant="quiet">
            {t("open")}
          </LinkButton>
          <Kbd keys="mod+k" />
          <Kbd keys="g d" />
          <Kbd keys="?" />
        </div>
      </div>
    </Card>
  );
}
