import { describe, expect, it } from "vitest";

import type { GoalProgress } from "@/lib/api/generated/types.gen";

import { standingOf } from "./standing";

const section = (anchor: string) => ({ anchor, title: anchor, line: 1 });
const goal = (name: string, anchor: string) => ({ name, anchor, kind: "data" as const, words: "", settings: [] });
const told = (name: string, ticked_by: GoalProgress["ticked_by"]) => ({ name, ticked_by, ticked_at: null, at_work: false, link: null });

const COURSE = {
  sections: [section("intro"), section("one"), section("two"), section("three")],
  goals: [goal("a", "one"), goal("b", "two"), goal("c", "two"), goal("d", "three")],
};
const statesOf = (progress: GoalProgress[] | null) => standingOf(COURSE, progress).sections.map(({ state }) => state);

describe("standingOf", () => {
  it("marks nothing while nothing is known", () => {
    expect(statesOf(null)).toEqual(["reading", "open", "open", "open"]);
    expect(standingOf(COURSE, null).next).toBeNull();
  });

  it("goes on at the first section with something left, whatever is done behind it", () => {
    const progress = [told("a", "seen"), told("b", "hand"), told("c", null), told("d", "seen")];
    expect(statesOf(progress)).toEqual(["reading", "done", "next", "done"]);
    expect(standingOf(COURSE, progress)).toMatchObject({ done: 2, total: 3, next: { anchor: "two" } });
  });

  it("is at the end when all is done", () => {
    const progress = COURSE.goals.map(({ name }) => told(name, "seen"));
    expect(statesOf(progress)).toEqual(["reading", "done", "done", "done"]);
    expect(standingOf(COURSE, progress).next).toBeNull();
  });

  it("does not take a goal as done that the server does not know", () => {
    expect(statesOf([told("a", "seen")])).toEqual(["reading", "done", "next", "open"]);
  });
});
