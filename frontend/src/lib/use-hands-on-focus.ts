import { type RefObject, useLayoutEffect, useRef } from "react";

const CAN_HAVE_FOCUS = "a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled)";

/**
 * Of something that may leave a list, or a row: when it goes while it has the focus, what is left of its row gets that, else
 * the row behind it, else the one before it, else what is left of its section.
 */
export function useHandsOnFocus<T extends HTMLElement>(): RefObject<T | null> {
  const ref = useRef<T>(null);
  useLayoutEffect(() => {
    const box = ref.current;
    return () => {
      if (box?.contains(document.activeElement)) heirOf(box)?.focus();
    };
  }, []);
  return ref;
}

function heirOf(box: HTMLElement): HTMLElement | null {
  const row = box.closest("tr, li");
  const own = row !== box && firstIn(row, box);
  return own || firstIn(row?.nextElementSibling, box) || firstIn(row?.previousElementSibling, box) || firstIn(box.closest("section"), row ?? box);
}

function firstIn(place: Element | null | undefined, leaving: Element): HTMLElement | null {
  const found = place?.querySelectorAll<HTMLElement>(CAN_HAVE_FOCUS) ?? [];
  return [...found].find((one) => !leaving.contains(one)) ?? null;
}
