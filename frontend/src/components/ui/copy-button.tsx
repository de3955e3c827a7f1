"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";

import { copyText } from "@/lib/clipboard";
import { IconButton } from "./icon-button";

const SHOWN_MS = 1600;

/** Copies, and ticks once. */
export function CopyButton({ text, label, className }: { text: string; label?: string; className?: string }) {
  const t = useTranslations("ui.copy");
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <IconButton
        size="sm"
        label={copied ? t("done") : (label ?? t("label"))}
        className={className}
        onClick={() => void copyText(text).then(setCopied)}
      >
        {copied ? <Check className="text-good" aria-hidden /> : <Copy aria-hidden />}
      </IconButton>
      <span role="status" className="sr-only">
        {copied ? t("done") : ""}
      </span>
    </>
  );
}
