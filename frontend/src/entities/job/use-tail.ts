import { type QueryKey, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";

import type { JobEvent } from "@/lib/live/messages";
import { Ring } from "@/lib/live/ring";
import { liveClient } from "@/lib/live/shared";

interface TailPage<Item> {
  items: readonly Item[];
  /** What to give as `before` for those before these; null: there are none. */
  earlier: number | null;
  headSeq: number;
}

/** What of a job's events is read from its end. */
export interface TailSource<Item> {
  key: (id: string) => QueryKey;
  fetchPage: (id: string, before: number | undefined, limit: number, signal?: AbortSignal) => Promise<TailPage<Item>>;
  /** What the events of the job bring. */
  take: (events: readonly JobEvent[]) => Item[];
  /** How many are shown at first, how many more at a time, and how many are kept at most. */
  first: number;
  more: number;
  most: number;
}

interface Tail<Item extends { seq: number }> {
  ring: Ring<Item>;
  earlier: number | null;
  /** Up to where the job's events are in the ring. */
  headSeq: number;
}

/** The last things of a job, growing while it runs; `loadEarlier` brings those before them. Oldest first. */
export function useTail<Item extends { seq: number }>(id: string, isLive: boolean, source: TailSource<Item>) {
  const query = useQuery({
    queryKey: source.key(id),
    queryFn: async ({ signal }): Promise<Tail<Item>> => {
      const page = await source.fetchPage(id, undefined, source.first, signal);
      const ring = new Ring<Item>(source.most);
      ring.add(page.items);
      return { ring, earlier: page.earlier, headSeq: page.headSeq };
    },
    staleTime: isLive ? Number.POSITIVE_INFINITY : 60_000,
    structuralSharing: false,
  });
  const { data: tail, refetch } = query;
  const [shown, setShown] = useState<{ items: readonly Item[]; earlier: number | null }>({ items: [], earlier: null });
  const [isLoadingEarlier, setLoadingEarlier] = useState(false);
  useEffect(() => {
    if (!tail) return;
    const show = () => setShown({ items: tail.ring.items, earlier: tail.earlier });
    show();
    if (!isLive) return;
    return liveClient().follow(id, tail.headSeq, {
      onEvents: ({ events }) => {
        const { dropped } = tail.ring;
        const isNew = tail.ring.add(source.take(events));
        if (tail.ring.dropped > dropped) tail.earlier = tail.ring.items[0]?.seq ?? null;
        tail.headSeq = Math.max(tail.headSeq, events[events.length - 1]?.seq ?? 0);
        if (isNew) show();
      },
      onSkipped: () => void refetch(),
    });
  }, [id, isLive, tail, source, refetch]);

  const loadEarlier = useCallback(async () => {
    if (!tail || tail.earlier === null || tail.ring.items.length >= tail.ring.capacity) return;
    setLoadingEarlier(true);
    try {
      const page = await source.fetchPage(id, tail.earlier, source.more);
      tail.earlier = page.earlier;
      if (!tail.ring.prepend(page.items)) tail.earlier = page.items[0]?.seq ?? null;
      setShown({ items: tail.ring.items, earlier: tail.earlier });
    } finally {
      setLoadingEarlier(false);
    }
  }, [id, tail, source]);

  const isFull = shown.items.length >= source.most;
  return {
    ...query,
    items: shown.items,
    /** There are some before these. */
    isCut: shown.earlier !== null,
    loadEarlier: shown.earlier !== null && !isFull ? loadEarlier : null,
    isLoadingEarlier,
  };
}
