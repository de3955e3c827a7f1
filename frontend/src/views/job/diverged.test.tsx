import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, describe, expect, it, vi } from "vitest";

import { clientWithRecipes, TRAINING } from "@/entities/recipe/samples";
import { sampleJob } from "@/lib/live/samples";
import { en } from "../../../messages/en";
import { ja } from "../../../messages/ja";
import { FailureCard } from "./failure-card";
import { Tiles } from "@/entities/job/tiles";

vi.mock("@/lib/api/generated/sdk.gen", () => ({ listRecipes: vi.fn(), getTrainingMetrics: vi.fn(() => Promise.resolve({ data: { series: {}, clock: { steps: [], seconds: [], at: null, at_s: 0, waited_s: 0 }, head_seq: 0 } })) }));

const FAILURE = {
  type: "failure",
  failure_class: "diverged",
  code: "loss_not_finite",
  ja: "ステップ 7 で train/loss が NaN になり、学習が発散しました。learning_rate を 0.5 より小さく（たとえば 0.05 に）してください。",
  en: "The training diverged: train/loss became NaN at step 7. Lower learning_rate from 0.5 (to 0.05, say).",
} as const;
const JOB = sampleJob({
  recipe: TRAINING.name,
  state: "failed",
  failure: FAILURE,
  latest_metrics: {
    "train/loss": { step: 7, value: null, not_finite: "nan" },
    "train/grad_norm": { step: 6, value: 3.2 },
    "train/learning_rate": { step: 6, value: 0.5 },
  },
});

function show(locale: "ja" | "en"): void {
  render(
    <NextIntlClientProvider locale={locale} messages={locale === "ja" ? ja : en} timeZone="UTC">
      <QueryClientProvider client={clientWithRecipes()}>
        <FailureCard job={JOB} failed={JOB} canResume={false} isResuming={false} onResume={vi.fn()} onLog={vi.fn()} />
        <Tiles job={JOB} recipe={TRAINING} isLive={false} />
      </QueryClientProvider>
    </NextIntlClientProvider>,
  );
}

function tile(name: string): string | null {
  return screen.getByText(name).nextElementSibling?.textContent ?? null;
}

afterEach(cleanup);

describe("the page of a run that diverged", () => {
  it("says so in Japanese, with the step and what to change", () => {
    show("ja");
    expect(screen.getByRole("alert").textContent).toContain("学習が発散しました");
    expect(screen.getByRole("alert").textContent).toContain("たとえば 0.05 に");
    expect(screen.getByText("設定を変えて学習")).toBeTruthy();
    expect(screen.getByRole("link", { name: "対処法" }).getAttribute("href")).toMatch(/\/api\/errors\/loss_not_finite\?language=ja$/);
    expect([tile("学習損失"), tile("勾配ノルム"), tile("評価損失")]).toEqual(["NaNステップ 7", "3.20", "–"]);
  });

  it("says so in English", () => {
    show("en");
    expect(screen.getByRole("alert").textContent).toContain("The training diverged");
    expect(tile("Training loss")).toBe("NaNstep 7");
  });
});
