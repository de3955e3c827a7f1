import { cleanup, render, screen, within } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, it } from "vitest";

import type { DeploymentOut } from "@/lib/api/generated/types.gen";

import { en } from "../../../messages/en";
import { ja } from "../../../messages/ja";
import { ModelsCard } from "./models-card";
import { type HomeFacts, withLive } from "./use-facts";

afterEach(cleanup);

const made = (day: number, state: DeploymentOut["state"]) =>
  ({ id: `dep_${day}`, name: `m${day}`, state, created_at: `2026-11-${String(day).padStart(2, "0")}T00:00:00Z`, ready_at: null, base_reference: null }) as DeploymentOut;
const newest = [29, 28, 27, 26, 25, 24].map((day) => made(day, day === 26 ? "checking" : "rejected"));
const live = [made(11, "ready"), made(10, "ready")];

it.each([
  ["en", en, "See all (31)"],
  ["ja", ja, "すべて見る（31）"],
] as const)("In %s, those that answer stand first, be they older, and the link to all says how many there are", (locale, messages, link) => {
  const facts = { deployments: withLive(newest, live), deploymentCount: 31 } as unknown as HomeFacts;
  render(
    <NextIntlClientProvider locale={locale} messages={messages} timeZone="UTC" now={new Date("2026-11-30T00:00:00Z")}>
      <ModelsCard facts={facts} />
    </NextIntlClientProvider>,
  );
  const names = screen.getAllByRole("listitem").map((row) => within(row).getByText(/^m\d+$/).textContent);
  expect(names).toEqual(["m11", "m10", "m26", "m29", "m28", "m27"]);
  expect(screen.getByRole("link", { name: link }).getAttribute("href")).toBe("/models");
});

it("The facts of the page hold each deployment once, newest first", () => {
  expect(withLive([...newest, made(11, "ready")], live).map(({ id }) => id)).toEqual(["dep_29", "dep_28", "dep_27", "dep_26", "dep_25", "dep_24", "dep_11", "dep_10"]);
});
