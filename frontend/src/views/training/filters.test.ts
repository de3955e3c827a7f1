import { describe, expect, it } from "vitest";

import type { RecipeOut } from "@/lib/api/generated/types.gen";

import { type Choice, filtersOf, isFiltered, isFolded } from "./filters";

const recipe = (name: string, trains: boolean) => ({ name, trains }) as RecipeOut;
const RECIPES = [recipe("text_lora", true), recipe("export_gguf", false), recipe("vision_lora", true)];
const NONE: Choice = { state: "all", kind: "training", q: "", tag: "" };

describe("the filters of the list", () => {
  it("ask for every recipe that trains, unless another kind is chosen", () => {
    expect(filtersOf(NONE, RECIPES)).toEqual({ recipe: ["text_lora", "vision_lora"] });
    expect(filtersOf({ ...NONE, kind: "export_gguf" }, RECIPES)).toEqual({ recipe: ["export_gguf"] });
    expect(filtersOf({ ...NONE, kind: "all" }, RECIPES)).toEqual({});
  });

  it("count what waits as under way, and search without the spaces around", () => {
    const asked = filtersOf({ state: "active", kind: "all", q: "  faq ", tag: "秋" }, RECIPES);
    expect(asked).toEqual({ state: ["pending", "queued", "running"], q: "faq", tag: "秋" });
  });

  it("fold chains for what trains only", () => {
    expect([isFolded("training", RECIPES), isFolded("text_lora", RECIPES)]).toEqual([true, true]);
    expect([isFolded("export_gguf", RECIPES), isFolded("all", RECIPES)]).toEqual([false, false]);
  });

  it("know when nothing is filtered", () => {
    expect([isFiltered(NONE), isFiltered({ ...NONE, q: " " }), isFiltered({ ...NONE, state: "failed" })]).toEqual([
      false,
      false,
      true,
    ]);
  });
});
