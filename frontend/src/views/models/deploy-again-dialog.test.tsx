import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, describe, expect, it, vi } from "vitest";

import { DeploymentBadge } from "@/entities/model/deployment-badge";
import { deployDeploymentAgain } from "@/lib/api/generated/sdk.gen";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";
import { clientWithRecipes } from "@/entities/recipe/samples";

import { en } from "../../../messages/en";
import { ja } from "../../../messages/ja";
import { DeployAgainDialog } from "./deploy-again-dialog";

const push = vi.hoisted(() => vi.fn());
vi.mock("next/navigation", () => ({ useRouter: () => ({ push }) }));
vi.mock("@/components/ui/toast", () => ({ notify: { good: vi.fn() } }));
vi.mock("@/lib/api/generated/sdk.gen", () => ({ deployDeploymentAgain: vi.fn() }));

const onClose = vi.fn();

async function show(target: string, state: string, locale: "ja" | "en") {
  const deviation = { state, parts: [], code: "c", ja: "重みが違います。", en: "Its weights are others." };
  const deployment = { id: "d", name: "me/faq", target, state, gates: { passed: true }, deviation } as unknown as DeploymentOut;
  render(
    <QueryClientProvider client={clientWithRecipes()}>
      <NextIntlClientProvider locale={locale} messages={{ ja, en }[locale]} timeZone="UTC">
        <DeploymentBadge deployment={deployment} />
        <DeployAgainDialog deployment={deployment} onClose={onClose} />
      </NextIntlClientProvider>
    </QueryClientProvider>,
  );
  await screen.findByRole("dialog"); // layers load when they are first opened
  return document.body.textContent;
}

afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

describe("DeployAgainDialog", () => {
  it.each([
    ["ollama", "changed", "en", ["Changed after checks", "Its weights are others.", "is replaced once the checks pass"]],
    ["ollama", "gone", "ja", ["削除済み", "重みが違います。", "名前は変わりません"]],
    ["llama_cpp", "gone", "en", ["Deleted elsewhere", "Deploy me/faq again?"]],
    ["llama_cpp", "changed", "ja", ["検査後に変更", "もう一度デプロイしますか"]],
  ] as const)("says what has become of it (%s, %s, %s)", async (target, state, locale, words) => {
    const shown = await show(target, state, locale);
    for (const word of words) expect(shown).toContain(word);
  });

  it("begins the job and goes to its page", async () => {
    vi.mocked(deployDeploymentAgain).mockResolvedValue({ data: { id: "job_1" } } as never);
    await show("ollama", "changed", "en");
    fireEvent.click(screen.getByRole("button", { name: "Register again" }));
    await waitFor(() => expect(push).toHaveBeenCalledWith("/training/job_1"));
    expect(deployDeploymentAgain).toHaveBeenCalledWith({ path: { deployment_id: "d" } });
    expect(onClose).toHaveBeenCalledOnce();
  });

  it("stays with the problem when it is refused", async () => {
    vi.mocked(deployDeploymentAgain).mockRejectedValue(new Error("no"));
    await show("ollama", "changed", "en");
    fireEvent.click(screen.getByRole("button", { name: "Register again" }));
    await screen.findByRole("alert");
    expect(push).not.toHaveBeenCalled();
  });
});
