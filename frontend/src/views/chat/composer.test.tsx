import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { createRef } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";

import { formOf, readForm, USUAL } from "@/entities/chat/settings";

import { en } from "../../../messages/en";
import { Composer } from "./composer";
import type { Chat } from "./use-chat";

const FORM = formOf({ system: null, sampling: USUAL });
const MODEL = { name: "a", kind: "base", id: "m", base_reference: "a", servable: true, created_at: "2026-11-21T00:00:00Z" };

function chatOf(changes: Partial<Record<keyof Chat, unknown>> = {}): Chat {
  const settings = { form: FORM, read: readForm(FORM), isValid: true, change: vi.fn(), reset: vi.fn(), carryTo: vi.fn() };
  return {
    sessionId: null,
    models: { data: [MODEL], isPending: false },
    session: { isPending: false },
    chosen: { left: "a", right: null },
    receiver: "both",
    settings,
    isAnswering: false,
    isBusy: Boolean(changes.isAnswering ?? changes.isPreparing),
    isPreparing: false,
    isKnown: true,
    refusal: null,
    send: vi.fn(async () => true),
    stop: vi.fn(),
    ...changes,
  } as unknown as Chat;
}

function show(chat: Chat): HTMLTextAreaElement {
  render(
    <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
      <Composer chat={chat} writing={createRef()} onSettings={() => undefined} />
    </NextIntlClientProvider>,
  );
  return screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
}

const write = (field: HTMLTextAreaElement, value: string) => fireEvent.change(field, { target: { value } });

afterEach(() => {
  cleanup();
  sessionStorage.clear();
});

describe("Composer", () => {
  it("sends with Enter, then is empty", async () => {
    const chat = chatOf();
    const field = show(chat);
    write(field, "はい");
    await act(async () => void fireEvent.keyDown(field, { key: "Enter" }));
    expect(chat.send).toHaveBeenCalledExactlyOnceWith("はい");
    expect(field.value).toBe("");
  });

  it.each([
    ["while a Japanese word is composed", { key: "Enter", isComposing: true }],
    ["with the Enter that ends the composition in Safari", { key: "Enter", keyCode: 229 }],
    ["with Shift, which makes a new line", { key: "Enter", shiftKey: true }],
  ])("does not send %s", async (_, press) => {
    const chat = chatOf();
    const field = show(chat);
    write(field, "にほん");
    await act(async () => void fireEvent.keyDown(field, press));
    expect(chat.send).not.toHaveBeenCalled();
    expect(field.value).toBe("にほん");
  });

  it("keeps the words when the question could not go out, and over a reload", async () => {
    const chat = chatOf({ send: vi.fn(async () => false) });
    const field = show(chat);
    write(field, "keep me");
    await act(async () => void fireEvent.keyDown(field, { key: "Enter" }));
    expect(field.value).toBe("keep me");
    cleanup();
    expect(show(chat).value).toBe("keep me");
  });

  it("keeps what is typed while the question is on its way", async () => {
    let arrive: (hasGone: boolean) => void = () => undefined;
    const chat = chatOf({ send: vi.fn(() => new Promise<boolean>((resolve) => (arrive = resolve))) });
    const field = show(chat);
    write(field, "first");
    await act(async () => void fireEvent.keyDown(field, { key: "Enter" }));
    expect(field.value).toBe("");
    write(field, "second");
    await act(async () => arrive(true));
    expect(field.value).toBe("second");
  });

  it("gives back a question that could not go out above what was typed meanwhile", async () => {
    let arrive: (hasGone: boolean) => void = () => undefined;
    const chat = chatOf({ send: vi.fn(() => new Promise<boolean>((resolve) => (arrive = resolve))) });
    const field = show(chat);
    write(field, "first");
    await act(async () => void fireEvent.keyDown(field, { key: "Enter" }));
    write(field, "second");
    await act(async () => arrive(false));
    expect(field.value).toBe("first\nsecond");
  });

  it("asks nothing of a conversation that is still being read", async () => {
    const chat = chatOf({ sessionId: "s", isKnown: false });
    const field = show(chat);
    write(field, "early");
    await act(async () => void fireEvent.keyDown(field, { key: "Enter" }));
    expect(chat.send).not.toHaveBeenCalled();
    expect(field.value).toBe("early");
  });

  it("stops with Escape, and sends nothing while an answer comes", async () => {
    const chat = chatOf({ isAnswering: true });
    const field = show(chat);
    write(field, "next");
    await act(async () => void fireEvent.keyDown(field, { key: "Enter" }));
    fireEvent.keyDown(field, { key: "Escape" });
    expect(chat.send).not.toHaveBeenCalled();
    expect(chat.stop).toHaveBeenCalledOnce();
  });
});
