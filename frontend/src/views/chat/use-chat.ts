"use client";

import { parseAsString, useQueryStates } from "nuqs";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { type Chosen, chooseModels, NOBODY } from "@/entities/chat/choose";
import { useChangeChatSession, useChatModels, useCreateChatSession } from "@/entities/chat/queries";
import type { ShownTurn } from "@/entities/chat/turns";
import { shownTurns } from "@/entities/chat/turns";
import { useAnswers } from "@/entities/chat/use-answers";
import { useChatSession } from "@/entities/chat/use-session";
import { sameSettings } from "@/entities/chat/settings";
import { asProblem, isAbort, type ProblemError } from "@/lib/problem";

import { carryDraft } from "./draft-key";
import { useSettings } from "./use-settings";

export type Receiver = "both" | "left" | "right";

/** Everything the page knows and can do: who answers, the conversation, the settings, asking. */
export function useChat() {
  const [address, setAddress] = useQueryStates({ session: parseAsString, model: parseAsString, base: parseAsString });
  const [receiver, setReceiver] = useState<Receiver>("both");
  const [preparing, setPreparing] = useState<readonly (string | null)[]>([]);
  const [refused, setRefused] = useState<{ in: string | null; problem: ProblemError } | null>(null);
  const place = useRef(address.session);
  useEffect(() => {
    place.current = address.session;
  }, [address.session]);
  const models = useChatModels();
  const session = useChatSession(address.session);
  const kept = session.data ?? null;
  const settings = useSettings(address.session, kept);
  const answers = useAnswers(address.session);
  const create = useCreateChatSession().mutateAsync;
  const change = useChangeChatSession().mutateAsync;

  const chosen = useMemo(
    () => chooseModels(models.data ?? [], address, kept?.models ?? null),
    [models.data, address, kept?.models],
  );
  const { live, busy } = answers;
  const isAnsweredElsewhere = live?.isAnswering !== true && kept?.answering === true;
  const turns = useMemo(
    () => shownTurns(kept?.messages ?? [], { live, busy, isAnsweredElsewhere, order: namesOf(chosen, "both") }),
    [kept?.messages, live, busy, isAnsweredElsewhere, chosen],
  );

  /** The conversation as the API has to know it before the question: made or changed. */
  const prepared = async (): Promise<string> => {
    const wanted = { ...settings.read.settings, models: namesOf(chosen, "both") };
    if (address.session === null || !kept) {
      const made = await create(wanted);
      settings.carryTo(made.id);
      // Whoever has gone to another conversation meanwhile stays there; this one is in the list.
      if (place.current === address.session) {
        carryDraft(address.session, made.id);
        await setAddress({ session: made.id }, { history: "push" });
      }
      return made.id;
    }
    const isSame = sameSettings(kept, wanted) && kept.models.join("\n") === wanted.models.join("\n");
    if (!isSame) await change({ id: kept.id, changes: wanted });
    return kept.id;
  };

  /** Says whether the question went out; the rest of the answers' fate stands in `turns`. */
  const put = async (asking: (id: string) => Promise<void>): Promise<boolean> => {
    const asked = address.session;
    // A conversation that is still being read gets no question: it would land in a new one.
    if (asked !== null && !kept) return false;
    setRefused(null);
    setPreparing((before) => [...before, asked]);
    try {
      const id = await prepared();
      void asking(id);
      return true;
    } catch (error) {
      if (!isAbort(error)) setRefused({ in: asked, problem: asProblem(error) });
      return false;
    } finally {
      setPreparing((before) => before.filter((_, at) => at !== before.indexOf(asked)));
    }
  };

  const send = (content: string) => {
    const names = namesOf(chosen, receiver);
    return put((id) => answers.ask(id, { content, models: names }, names));
  };
  const edit = (position: number, content: string) => {
    const names = namesOf(chosen, receiver);
    return put((id) => answers.askAgain(id, position, { content, models: names }, names));
  };
  /** The same question once more, to those who answered it; one that never reached the API is asked anew. */
  const again = (shown: ShownTurn) => {
    const answered = shown.answers.map((answer) => answer.model);
    const names = answered.length > 0 ? answered : namesOf(chosen, receiver);
    const question = kept?.messages.find((message) => message.position === shown.position);
    if (!question) return put((id) => answers.ask(id, { content: shown.question, models: names }, names));
    const content = question.content === shown.question ? undefined : shown.question;
    return put((id) => answers.askAgain(id, shown.position, { content, models: names }, names));
  };

  const pick = (side: "left" | "right", name: string) => {
    const next = picked(chosen, side, name);
    void setAddress({ model: next.left, base: next.right ?? NOBODY });
    if (next.right === null) setReceiver("both");
  };
  const open = useCallback(
    (id: string | null, keep?: Chosen) => {
      setRefused(null);
      setReceiver("both");
      const names = keep ? { model: keep.left, base: keep.left === null ? null : (keep.right ?? NOBODY) } : { model: null, base: null };
      void setAddress({ session: id, ...names }, { history: "push" });
    },
    [setAddress],
  );

  return {
    sessionId: address.session,
    session,
    models,
    chosen,
    receiver,
    setReceiver,
    settings,
    turns,
    ended: answers.ended,
    isAnswering: live?.isAnswering ?? false,
    /** Nothing can be asked now: a question is on its way, or is being answered, here or to another page. */
    isBusy: live?.isAnswering === true || isAnsweredElsewhere || preparing.includes(address.session),
    isPreparing: preparing.includes(address.session),
    /** Whether the conversation can be asked: a new one, or one that has been read. */
    isKnown: address.session === null || kept !== null,
    refusal: refused && refused.in === address.session ? refused.problem : null,
    send,
    edit,
    again,
    stop: answers.stop,
    pick,
    open,
  };
}

export type Chat = ReturnType<typeof useChat>;

export function namesOf({ left, right }: Chosen, receiver: Receiver): string[] {
  const wanted = right === null ? [left] : receiver === "left" ? [left] : receiver === "right" ? [right] : [left, right];
  return wanted.filter((name) => name !== null);
}

/** Choosing the name of the other side changes places. */
export function picked(chosen: Chosen, side: "left" | "right", name: string): Chosen {
  if (side === "right") {
    if (name === NOBODY) return { ...chosen, right: null };
    return name === chosen.left ? { left: chosen.right ?? chosen.left, right: name } : { ...chosen, right: name };
  }
  return name === chosen.right ? { left: name, right: chosen.left } : { ...chosen, left: name };
}
