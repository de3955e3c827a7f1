import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { notify } from "@/components/ui/toast";
import { listDeployments, useDeploymentAnyway as acceptDeployment } from "@/lib/api/generated/sdk.gen";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";
import { makeQueryClient } from "@/lib/api/query-client";

import { en } from "../../../messages/en";
import { AcceptDialog } from "./accept-dialog";
import { useDeployments } from "./queries";

vi.mock("@/components/ui/toast", () => ({ notify: { caution: vi.fn() } }));
vi.mock("@/lib/api/generated/sdk.gen", () => ({ listDeployments: vi.fn(), useDeploymentAnyway: vi.fn() }));

const FAULT = { kind: "token", prompt: "Q", words: { ja: "違う", en: "Says something else." } };
const RED = { id: "d", name: "me/faq", state: "rejected", gates: { passed: false, parity: { passed: false, faults: [FAULT] } } };
const onClose = vi.fn();

/** As the page of a job: the question is there as long as the model is refused. */
function Rejected() {
  const { deployments } = useDeployments();
  useDeployments({ name: "slow" });
  return deployments.filter(({ state }) => state === "rejected").map((one) => <AcceptDialog key={one.id} deployment={one} onClose={onClose} />);
}

const pageOf = (state: string) => ({ data: { data: [{ ...RED, state } as unknown as DeploymentOut], next: null } });

beforeEach(() => {
  let state = "rejected";
  vi.mocked(listDeployments).mockImplementation((async (options: { query: { name?: string } }) => {
    if (options.query.name) await new Promise((resolve) => setTimeout(resolve, 80));
    return pageOf(state);
  }) as unknown as typeof listDeployments);
  vi.mocked(acceptDeployment).mockImplementation((async () => {
    state = "ready";
    return { data: { ...RED, state } };
  }) as unknown as typeof acceptDeployment);
  render(
    <QueryClientProvider client={makeQueryClient()}>
      <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
        <Rejected />
      </NextIntlClientProvider>
    </QueryClientProvider>,
  );
});

afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

describe("AcceptDialog", () => {
  it("names the faults, and says that it is done though the page has taken it away", async () => {
    const dialog = await screen.findByRole("dialog", { name: /even though its checks failed/ });
    expect(dialog.textContent).toContain("Says something else.");
    fireEvent.click(screen.getByRole("button", { name: "Use anyway" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(notify.caution).toHaveBeenCalledOnce());
    expect(onClose).toHaveBeenCalledOnce();
  });
  it("stays with the problem when it is refused", async () => {
    vi.mocked(acceptDeployment).mockRejectedValue(new Error("no"));
    fireEvent.click(await screen.findByRole("button", { name: "Use anyway" }));
    await screen.findByRole("alert");
    expect(onClose).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole("button", { name: "Cancel" }));
    expect(onClose).toHaveBeenCalledOnce();
  });
});
