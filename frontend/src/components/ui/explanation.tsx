"use client";

import { CircleQuestionMark } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useId, useRef, useState } from "react";

import { placeBeside } from "./place-beside";

interface ExplanationProps {
  /** The term, as the page calls it. */
  of: ReactNode;
  children: ReactNode;
}

/** A mark beside a term. Pressed, by whatever one presses with, it says what the term means; Escape or a press elsewhere ends it. */
export function Explanation({ of, children }: ExplanationProps) {
  const t = useTranslations("terms");
  const id = useId();
  const mark = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        ref={mark}
        type="button"
        popoverTarget={id}
        aria-label={t("explain", { name: typeof of === "string" ? of : "" })}
        aria-expanded={isOpen}
        aria-describedby={isOpen ? id : undefined}
        className="-my-1.5 inline-grid size-6 place-items-center align-middle text-ink-3 hover:text-ink"
      >
        <CircleQuestionMark aria-hidden className="size-3.5" />
      </button>
      <div
        id={id}
        popover="auto"
        role="note"
        onToggle={(event) => {
          const isNow = event.newState === "open";
          setOpen(isNow);
          if (isNow && mark.current) placeBeside(event.currentTarget, mark.current, "bottom");
        }}
        className="layer fixed inset-auto m-0 max-w-72 rounded-md px-3 py-2 text-left text-xs font-normal text-ink"
      >
        {children}
      </div>
    </>
  );
}
