import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";

import { Spinner } from "@/components/ui/spinner";
import type { ShownAnswer } from "@/entities/chat/turns";
import { useFormat } from "@/lib/use-format";

const LOADING_AFTER_S = 1.5; // a model that is in memory says its first word sooner

/** Before the first word: in line, thinking, or, when that takes long, being loaded or in a line that this page does not see. */
export function Waiting({ answer }: { answer: ShownAnswer }) {
  const t = useTranslations("chat.answer.states");
  const format = useFormat();
  const seconds = useSecondsSince(answer.begunMs);
  if (answer.state === "queued" || answer.state === "behind" || answer.state === "elsewhere") {
    return <p className="text-ink-3">{t(answer.state)}</p>;
  }
  return (
    <p className="flex items-center gap-2 text-ink-2">
      <Spinner />
      <span role="status">{t(seconds > LOADING_AFTER_S ? "loading" : "waiting")}</span>
      {seconds > LOADING_AFTER_S && <span className="text-xs text-ink-3">{format.duration(Math.floor(seconds))}</span>}
    </p>
  );
}

function useSecondsSince(begunMs: number | null): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (begunMs === null) return;
    const timer = setInterval(() => setSeconds((performance.now() - begunMs) / 1000), 500);
    return () => clearInterval(timer);
  }, [begunMs]);
  return seconds;
}
