"use client";

import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { useEffect } from "react";
import { Toaster as Base } from "sonner";

import { placeIsThere } from "./toast";

/** Who listens to the page hears what comes into a place that was there, and not what comes together with it. */
const NOTICED_MS = 100;

const ICON = "size-4 shrink-0 mt-0.5";

/** Where notices appear; once a page. */
export function Toaster() {
  const t = useTranslations("ui.toast");
  const { resolvedTheme } = useTheme();
  useEffect(() => {
    const timer = setTimeout(placeIsThere, NOTICED_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Base
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      position="bottom-right"
      closeButton
      containerAriaLabel={t("region")}
      icons={{
        success: <CircleCheck className={`${ICON} text-good`} aria-hidden />,
        info: <Info className={`${ICON} text-ai`} aria-hidden />,
        warning: <TriangleAlert className={`${ICON} text-caution`} aria-hidden />,
        error: <CircleAlert className={`${ICON} text-bad`} aria-hidden />,
      }}
      toastOptions={{
        unstyled: true,
        closeButtonAriaLabel: t("close"),
        classNames: {
          toast:
            "group flex w-(--width) items-start gap-2 rounded-lg border border-line-strong bg-panel py-2.5 pr-9 pl-3 text-sm text-ink shadow-layer",
          // However long a name is it breaks, and marks heaped on a letter stay within the notice.
          content: "min-w-0 grow overflow-clip [overflow-wrap:anywhere]",
          title: "font-medium",
          description: "text-ink-2",
          actionButton:
            "shrink-0 h-6 rounded-md border border-line-strong px-2 text-xs font-medium hover:bg-hover self-center",
          closeButton:
            "absolute top-2 right-2 grid size-6 place-items-center rounded-sm text-ink-3 hover:bg-hover hover:text-ink [&_svg]:size-3.5",
          icon: "shrink-0",
        },
      }}
    />
  );
}
