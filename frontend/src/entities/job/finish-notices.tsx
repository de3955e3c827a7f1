"use client";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";

import { recipesOptions } from "@/entities/recipe/queries";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { liveClient } from "@/lib/live/shared";
import { jobPage } from "@/lib/routes";

import { endingOf, type Ending } from "./ending";
import { jobDetailOptions, jobListOptions, jobsOf, LIST_EVERY_MS } from "./queries";
import { followed } from "./use-follow";

const OPEN = { state: ["pending", "queued", "running"] as JobDetail["state"][] };
const MOST_OPEN = 50;
/** Of those that began last, so many are looked through for one that was over before it was seen among the open ones. */
const MOST_NEW = 20;
const LOCK = "llmlora-notices";
const ICON = "/icon.svg";

/** Tells by the browser when a job ends, in one tab of all that are open, also in the background. Draws nothing. */
export function FinishNotices() {
  return useIsTeller() && <Teller />;
}

/** Whether this tab is the one that tells: it holds a lock of the browser, which passes on when it is closed. */
function useIsTeller(): boolean {
  const [isTeller, setTeller] = useState(false);
  useEffect(() => {
    const leaving = new AbortController();
    const hold = () =>
      new Promise<void>((release) => {
        setTeller(true);
        leaving.signal.addEventListener("abort", () => release());
      });
    // Without locks every tab tells; what has the same tag is shown once.
    const held = "locks" in navigator ? navigator.locks.request(LOCK, { signal: leaving.signal }, hold) : hold();
    held.catch(() => undefined); // left before it was its turn
    return () => leaving.abort();
  }, []);
  return isTeller;
}

function Teller() {
  const client = useQueryClient();
  const tell = useTell();
  const options = jobListOptions(OPEN, MOST_OPEN);
  const { data } = useInfiniteQuery({ ...options, refetchInterval: LIST_EVERY_MS, refetchIntervalInBackground: true });
  const jobs = useMemo(() => jobsOf(data).filter(({ state }) => !isFinal(state)), [data]);
  const { data: newest } = useInfiniteQuery({ ...jobListOptions({}, MOST_NEW), refetchInterval: LIST_EVERY_MS, refetchIntervalInBackground: true });
  const seen = useRef(new Set<string>());
  /** Of whom nothing is to be told any more; null until it is known who was over from the beginning. */
  const told = useRef<Set<string> | null>(null);
  const ids = followed(jobs).sort().join(" ");
  const headOf = useEffectEvent((id: string) => jobs.find((job) => job.id === id)?.head_seq ?? 0);
  const ended = useEffectEvent(async (id: string) => {
    seen.current.delete(id);
    if (told.current?.has(id)) return;
    told.current?.add(id);
    const [job, recipes] = await Promise.all([client.fetchQuery({ ...jobDetailOptions(id), staleTime: 0 }), client.fetchQuery(recipesOptions())]);
    const ending = endingOf(job, recipes);
    if (ending) tell(job, ending);
  });

  useEffect(() => {
    const now = new Set(jobs.map(({ id }) => id));
    // Who is no longer among the open ones has ended, though no event said so.
    if (jobs.length < MOST_OPEN) for (const id of seen.current) if (!now.has(id)) void ended(id).catch(() => undefined);
    for (const id of now) seen.current.add(id);
  }, [jobs]);
  useEffect(() => {
    if (!newest) return;
    const over = jobsOf(newest).flatMap(({ id, state }) => (isFinal(state) ? [id] : []));
    if (told.current) for (const id of over) void ended(id).catch(() => undefined);
    else told.current = new Set(over);
  }, [newest]);
  useEffect(() => {
    const leaves = ids.split(" ").filter(Boolean).map((id) =>
      liveClient().follow(id, headOf(id), {
        onEvents: ({ events }) => {
          if (events.some(({ body }) => body.type === "state" && isFinal(body.state))) void ended(id).catch(() => undefined);
        },
      }),
    );
    return () => leaves.forEach((leave) => leave());
  }, [ids]);
  return null;
}

/** Shows a notification in the page's language; a click on it leads to the job. */
function useTell(): (job: JobDetail, ending: Ending) => void {
  const t = useTranslations("nav.notices");
  const router = useRouter();
  return (job, ending) => {
    const address = jobPage(job.id);
    if (document.hasFocus() && window.location.pathname === address) return; // one is looking at it
    try {
      const notice = new Notification(t(ending, { name: job.name }), { body: t("open"), tag: `llmlora:${job.id}`, icon: ICON });
      notice.onclick = () => {
        window.focus();
        router.push(address);
        notice.close();
      };
    } catch {
      // Browsers of phones show notifications of service workers alone.
    }
  };
}
