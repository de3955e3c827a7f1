import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { notify } from "@/components/ui/toast";
import { deleteHubToken, getHubAccess, setHubToken } from "@/lib/api/generated/sdk.gen";
import type { HubAccessOut } from "@/lib/api/generated/types.gen";
import { makeQueryClient } from "@/lib/api/query-client";

import { en } from "../../../messages/en";
import { HubCard } from "./hub-card";

vi.mock("@/components/ui/toast", () => ({ notify: { good: vi.fn() } }));
vi.mock("@/lib/api/generated/sdk.gen", () => ({ getHubAccess: vi.fn(), setHubToken: vi.fn(), deleteHubToken: vi.fn() }));

const NONE: HubAccessOut = { endpoint: "https://huggingface.co", token: "none", token_set_at: null, token_readable: true };
const STORED: HubAccessOut = { ...NONE, token: "stored", token_set_at: "2026-11-30T00:00:00Z" };
const words = en.models.hub;
let now: HubAccessOut;

beforeEach(() => {
  now = NONE;
  vi.mocked(getHubAccess).mockImplementation((async () => ({ data: now })) as unknown as typeof getHubAccess);
  vi.mocked(setHubToken).mockImplementation((async () => ({ data: (now = STORED) })) as unknown as typeof setHubToken);
  vi.mocked(deleteHubToken).mockImplementation((async () => {
    now = NONE;
    return {};
  }) as unknown as typeof deleteHubToken);
});
afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

function show() {
  render(
    <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
      <QueryClientProvider client={makeQueryClient()}>
        <HubCard />
      </QueryClientProvider>
    </NextIntlClientProvider>,
  );
}

describe("HubCard", () => {
  it("keeps a token, and shows it neither while it is typed nor afterwards", async () => {
    show();
    fireEvent.click(await screen.findByRole("button", { name: words.set }));
    const input = screen.getByLabelText<HTMLInputElement>(words.token);
    expect(input.type).toBe("password");
    fireEvent.change(input, { target: { value: " hf_secret " } });
    fireEvent.click(screen.getByRole("button", { name: words.save }));
    await screen.findByRole("button", { name: words.replace });
    expect(setHubToken).toHaveBeenCalledWith({ body: { token: "hf_secret" } });
    expect(notify.good).toHaveBeenCalledWith(words.done);
    expect(document.body.innerHTML).not.toContain("hf_secret");
  });

  it("asks for one where nothing was typed", async () => {
    show();
    fireEvent.click(await screen.findByRole("button", { name: words.set }));
    fireEvent.click(screen.getByRole("button", { name: words.save }));
    expect(await screen.findByText(words.missing)).toBeTruthy();
    expect(setHubToken).not.toHaveBeenCalled();
  });

  it("offers to delete what is stored here alone", async () => {
    now = { ...NONE, token: "settings" };
    show();
    await screen.findByText(words.settings);
    expect(screen.queryByRole("button", { name: words.delete })).toBeNull();
  });

  it("says that a token cannot be read any more", async () => {
    now = { ...STORED, token_readable: false };
    show();
    expect(await screen.findByText(words.unreadable)).toBeTruthy();
    await waitFor(() => expect(screen.getByRole("button", { name: words.delete })).toBeTruthy());
  });
});
