import { describe, expect, it } from "vitest";

import type { JobDetail, JobState, RecipeOut } from "@/lib/api/generated/types.gen";

import { endingOf } from "./ending";

const recipe = (name: string, more: Partial<RecipeOut> = {}) => ({ name, trains: false, deploys: null, ...more }) as RecipeOut;
const RECIPES = [recipe("bring"), recipe("learn", { trains: true }), recipe("serve", { deploys: { name: "x" } as RecipeOut["deploys"] })];

/** The ending of one job of a chain, in the order of its stages. */
function ending(place: number, ...chain: [string, JobState][]) {
  const stages = chain.map(([name, state], index) => ({ id: `job_${index}`, recipe: name, state })) as unknown as JobDetail["stages"];
  const one = stages[place];
  if (!one) throw new Error("no such stage");
  return endingOf({ id: one.id, recipe: one.recipe, state: one.state, stages }, RECIPES);
}

describe("the end of a job", () => {
  it("is told of a training and of a deployment, not of steps on the way", () => {
    const chain: [string, JobState][] = [["bring", "completed"], ["learn", "completed"], ["bring", "completed"], ["serve", "completed"]];
    expect(chain.map((_, place) => ending(place, ...chain))).toEqual([null, "finished", null, "deployed"]);
    expect(ending(0, ["bring", "completed"])).toBe("finished");
  });

  it("is told once where one stage takes the others with it", () => {
    const failed: [string, JobState][] = [["learn", "failed"], ["bring", "cancelled"], ["serve", "cancelled"]];
    expect(failed.map((_, place) => ending(place, ...failed))).toEqual(["failed", null, null]);
    expect(ending(0, ["learn", "cancelled"], ["bring", "cancelled"])).toBe("cancelled");
  });

  it("is none while it runs", () => {
    expect(ending(0, ["learn", "running"])).toBeNull();
  });
});
