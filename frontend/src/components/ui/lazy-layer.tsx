"use client";

import { type ComponentType, createElement, lazy, Suspense, useState } from "react";

/**
 * What lies over the page, such as a dialog or a list of choices. Its code is no part of the page's first load: it comes
 * when the browser rests, or at once when it is drawn earlier. Draw it only when it has been opened.
 */
export function lazyLayer<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const Layer = lazyPart(load);
  whenQuiet(load);
  return function LazyLayer(props: Props) {
    return <Suspense fallback={null}>{createElement(Layer, props)}</Suspense>;
  };
}

/** A part that only stands inside a lazy layer: the layer waits for it. */
export function lazyPart<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  return lazy(async () => ({ default: await load() })) as unknown as ComponentType<Props>;
}

/** Whether a layer ever was open: then it stays, so that it can also close gently. */
export function useWasOpened(isOpen: boolean): boolean {
  const [wasOpened, setWasOpened] = useState(isOpen);
  if (isOpen && !wasOpened) setWasOpened(true);
  return wasOpened;
}

/** Once the page has loaded and the browser has nothing else to do. */
export function whenQuiet(work: () => unknown): void {
  if (typeof window === "undefined") return;
  const begin = () => ("requestIdleCallback" in window ? requestIdleCallback(() => void work()) : setTimeout(() => void work(), 1000));
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin, { once: true });
}
