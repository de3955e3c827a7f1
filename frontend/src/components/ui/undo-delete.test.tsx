import { act, cleanup, renderHook } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ProblemError } from "@/lib/problem";

import { en } from "../../../messages/en";
import { notify } from "./toast";
import { useLeaving, useUndoDelete } from "./undo-delete";

vi.mock("./toast", () => ({ notify: { info: vi.fn(), bad: vi.fn(), caution: vi.fn() } }));

const LONG_MS = 60_000;
const wrapper = ({ children }: { children: ReactNode }) => (
  <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
    {children}
  </NextIntlClientProvider>
);

function deleting(kind: string, erase: () => Promise<unknown>, id = "a") {
  const { result } = renderHook(() => ({ leaving: useLeaving(kind), remove: useUndoDelete(kind) }), { wrapper });
  act(() => result.current.remove({ id, name: "Report", erase }));
  const notice = vi.mocked(notify.info).mock.calls.at(-1)?.[1];
  return { result, undo: () => act(() => notice?.action?.onClick()), wait: (ms = LONG_MS) => act(() => vi.advanceTimersByTimeAsync(ms)) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.clearAllMocks();
});

describe("What is deleted", () => {
  it("leaves its list at once, and the store only after the notice", async () => {
    const erase = vi.fn(async () => undefined);
    const { result, wait } = deleting("one", erase);
    expect(result.current.leaving).toEqual(["a"]);
    await wait(5000);
    expect(erase).not.toHaveBeenCalled();
    await wait();
    expect(erase).toHaveBeenCalledTimes(1);
    expect(result.current.leaving).toEqual(["a"]);
  });

  it("comes back when it is called back, and is never erased", async () => {
    const erase = vi.fn(async () => undefined);
    const { result, undo, wait } = deleting("two", erase);
    undo();
    expect(result.current.leaving).toEqual([]);
    await wait();
    expect(erase).not.toHaveBeenCalled();
  });

  it("comes back with a word when the server refuses", async () => {
    const { result, wait } = deleting("three", () => Promise.reject(new ProblemError("refused", { status: 409, detail: "It is in use." })));
    await wait();
    expect(result.current.leaving).toEqual([]);
    expect(notify.bad).toHaveBeenCalledWith(expect.stringContaining("Could not delete"), { description: "It is in use." });
  });

  it("says that it is too late, where it is", async () => {
    const { undo, wait } = deleting("four", async () => undefined);
    await wait();
    undo();
    expect(notify.caution).toHaveBeenCalledTimes(1);
  });

  it("is erased once, however often one asks, and leaves other kinds alone", async () => {
    const erase = vi.fn(async () => undefined);
    const { result, wait } = deleting("five", erase);
    act(() => result.current.remove({ id: "a", name: "Report", erase }));
    const other = renderHook(() => useLeaving("six"), { wrapper });
    expect(other.result.current).toEqual([]);
    await wait();
    expect(erase).toHaveBeenCalledTimes(1);
  });

  it("is sent at once, and to its end, when the page goes", async () => {
    const erase = vi.fn(async () => undefined);
    const { undo, wait } = deleting("seven", erase);
    act(() => void window.dispatchEvent(new Event("pagehide")));
    expect(erase).toHaveBeenCalledWith({ keepalive: true });
    undo();
    expect(notify.caution).toHaveBeenCalledTimes(1);
    await wait();
    expect(erase).toHaveBeenCalledTimes(1);
  });

  it("goes with others in one notice, which names those that stay and why", async () => {
    const { result } = renderHook(() => ({ leaving: useLeaving("eight"), remove: useUndoDelete("eight") }), { wrapper });
    const refuse = () => Promise.reject(new ProblemError("refused", { status: 409, detail: "It is in use." }));
    const erase = vi.fn(async () => undefined);
    act(() => result.current.remove([{ id: "a", name: "A", erase }, { id: "b", name: "B", erase: refuse }, { id: "c", name: "C", erase }]));
    expect(result.current.leaving).toEqual(["a", "b", "c"]);
    expect(notify.info).toHaveBeenCalledTimes(1);
    await act(() => vi.advanceTimersByTimeAsync(LONG_MS));
    expect(erase).toHaveBeenCalledTimes(2);
    expect(result.current.leaving).toEqual(["a", "c"]);
    expect(notify.bad).toHaveBeenCalledWith("1 item could not be deleted", { description: "B: It is in use." });
  });

  it("comes back with all the others when it is called back", async () => {
    const erase = vi.fn(async () => undefined);
    const { result } = renderHook(() => ({ leaving: useLeaving("nine"), remove: useUndoDelete("nine") }), { wrapper });
    act(() => result.current.remove(["a", "b"].map((id) => ({ id, name: id, erase }))));
    act(() => vi.mocked(notify.info).mock.calls.at(-1)?.[1]?.action?.onClick());
    act(() => void window.dispatchEvent(new Event("pagehide")));
    expect(result.current.leaving).toEqual([]);
    expect(erase).not.toHaveBeenCalled();
  });
});
