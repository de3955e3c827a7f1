"use client";

import { type ComponentType, createElement, lazy, Suspense, useState } from "react";

/** What a control opens, as its `aria-haspopup` says. */
type Popup = "menu" | "listbox" | "dialog";

const LOADERS: Record<Popup, Set<() => Promise<unknown>>> = { menu: new Set(), listbox: new Set(), dialog: new Set() };
const NONE = new Set<() => Promise<unknown>>();

/**
 * What lies over the page, such as a dialog or a list of choices. Its code comes when a pointer or the focus reaches a
 * control that says it opens such a thing, at the latest when it is drawn. Draw it only when it has been opened.
 */
export function lazyLayer<Props extends object>(load: () => Promise<ComponentType<Props>>, popup: Popup = "dialog"): ComponentType<Props> {
  const Layer = lazyPart(loadedWhenReached(load, popup));
  return function LazyLayer(props: Props) {
    return <Suspense fallback={null}>{createElement(Layer, props)}</Suspense>;
  };
}

/** A part that only stands inside a lazy layer: the layer waits for it. */
export function lazyPart<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  return lazy(async () => ({ default: await load() })) as unknown as ComponentType<Props>;
}

/** The same; called already when a control is reached that says it opens such a thing. */
export function loadedWhenReached<Loaded>(load: () => Promise<Loaded>, popup: Popup): () => Promise<Loaded> {
  LOADERS[popup].add(load);
  return load;
}

/** Whether a layer ever was open: then it stays, so that it can also close gently. */
export function useWasOpened(isOpen: boolean): boolean {
  const [wasOpened, setWasOpened] = useState(isOpen);
  if (isOpen && !wasOpened) setWasOpened(true);
  return wasOpened;
}

/** Load layers as controls are reached, wherever on the page they stand. `signal` ends it. */
export function loadLayersWhenReached(signal: AbortSignal): void {
  const reach = ({ target }: Event) => {
    const popup = target instanceof Element && target.closest("[aria-haspopup]")?.getAttribute("aria-haspopup");
    const loaders = popup && popup in LOADERS ? LOADERS[popup as Popup] : NONE;
    loaders.forEach((load) => void load().catch(() => undefined)); // whoever draws it tries again
    loaders.clear();
  };
  document.addEventListener("pointerover", reach, { passive: true, signal });
  document.addEventListener("focusin", reach, { signal });
}
