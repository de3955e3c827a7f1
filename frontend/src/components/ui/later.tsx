"use client";

import { type ComponentType, createElement, memo, type ReactNode, Suspense, useEffect, useMemo, useState } from "react";

import { lazyPart } from "./lazy-layer";

/**
 * A part that stands in the page at once, as the server has drawn it, and answers to a hand once its code has come,
 * which no page waits for. `waiting`: in its place where a page is drawn without the server, and for a moment where the
 * server sends the part behind the rest; as high as the part, else what is below it jumps.
 */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>, waiting: ReactNode = null): ComponentType<Props> {
  const Part = lazyPart(load);
  return memo(function Later(props: Props) {
    const [isAlive, setAlive] = useState(false);
    const [first] = useState(props);
    // Drawn anew before its code is there, it would give way to `waiting`: until then it is told nothing new.
    const shown = isAlive ? props : first;
    return useMemo(
      () => (
        <Suspense fallback={waiting}>
          {createElement(Part, shown)}
          <Alive onAlive={setAlive} />
        </Suspense>
      ),
      [shown],
    );
  }) as unknown as ComponentType<Props>;
}

/** Says that what it stands beside has come alive. */
function Alive({ onAlive }: { onAlive: (isAlive: boolean) => void }) {
  useEffect(() => onAlive(true), [onAlive]);
  return null;
}
