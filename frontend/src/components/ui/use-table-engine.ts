import { useLocale } from "next-intl";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";

import type { Engine } from "./table-engine";
import { isKept } from "./table-kept-name";
import type { ResizeGrip, TableTools } from "./table-tools";

export interface Loaded<Row> {
  engine: Engine<Row>;
  Tools: typeof TableTools;
  Grip: typeof ResizeGrip;
}

const NEVER = () => () => undefined;
const NOTHING = () => null;

/**
 * What sorts, chooses and widens, once a hand or the focus has reached the table, or at once where something is kept of the
 * last time. `reach` may be called as often as one likes.
 */
export function useTableEngine<Row>(name: string): { loaded: Loaded<Row> | null; reach: () => Promise<Loaded<Row>> } {
  const locale = useLocale();
  const [loaded, setLoaded] = useState<Loaded<Row> | null>(null);
  const coming = useRef<Promise<Loaded<Row>> | null>(null);
  const reach = useCallback(() => {
    coming.current ??= Promise.all([import("./table-engine"), import("./table-tools")]).then(
      ([{ makeEngine }, { ResizeGrip: Grip, TableTools: Tools }]) => {
        const made = { engine: makeEngine<Row>(name, locale), Tools, Grip };
        setLoaded(made);
        return made;
      },
      (problem: unknown) => {
        coming.current = null; // the next hand tries again
        throw problem;
      },
    );
    return coming.current;
  }, [name, locale]);
  useEffect(() => {
    if (isKept(name)) reach().catch(NOTHING);
  }, [name, reach]);
  useSyncExternalStore(loaded?.engine.subscribe ?? NEVER, loaded?.engine.state ?? NOTHING, NOTHING);
  return { loaded, reach };
}
