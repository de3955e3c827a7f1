"use client";

import { type ComponentType, createElement, memo, type ReactNode, Suspense } from "react";

import { lazyPart } from "./lazy-layer";

/**
 * A part that stands in the page at once, as the server has drawn it, and answers to a hand once its code has come,
 * which no page waits for. `waiting`: in its place where a page is drawn without the server; as high as the part.
 */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>, waiting: ReactNode = null): ComponentType<Props> {
  const Part = lazyPart(load);
  // Drawn anew before its code is there, it would give way to `waiting`.
  return memo(function Later(props: Props) {
    return <Suspense fallback={waiting}>{createElement(Part, props)}</Suspense>;
  }) as unknown as ComponentType<Props>;
}
