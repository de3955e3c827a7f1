import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";

import { en } from "../../../messages/en";
import { ja } from "../../../messages/ja";
import { merged, pick, type Tree } from "./pick";
import { spokenIn } from "./spoken";

const FRONTEND = fileURLToPath(new URL("../../..", import.meta.url));

describe("the messages of our pages", () => {
  const { frame, routes } = spokenIn(FRONTEND);

  test("are there in both languages", () => {
    const places = [...frame, ...Object.values(routes).flat()];
    const missing = [ja, en].flatMap((all) => places.filter((place) => valueAt(all, place) === undefined));
    expect(missing).toEqual([]);
    for (const [route, places] of Object.entries(routes)) expect(places.length, route).toBeGreaterThan(0);
  });

  test("are all sent somewhere", () => {
    const sent = [...frame, ...Object.values(routes).flat()];
    const silent = Object.keys(ja).filter((name) => !sent.some((place) => place.split(".")[0] === name));
    expect(silent).toEqual([]);
  });

  test("are those of the page, and of what comes into it later", () => {
    expect(routes["/training/[id]"]).toContain("models.gates"); // of a card that is loaded when there is something to show
    expect(routes["/training/[id]"]?.some((place) => place.startsWith("chat"))).toBe(false);
    expect(frame).toContain("ui.toast");
  });
});

describe("a page's messages", () => {
  let folder: string;
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (files: Record<string, string>) => {
    folder = mkdtempSync(join(tmpdir(), "spoken-"));
    const all = { "messages/ja/a.json": '{"one":{"x":"甲","deep":{"y":"乙"}},"two":{"z":"丙"}}', "src/app/layout.tsx": 'useTranslations("a.two");', ...files };
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  };

  test("are found through every kind of import, once, without the frame's", () => {
    const page = '<Words of="/b/[id]">;\nimport { One } from "./one";\nexport { type Two } from "@/two";\nconst Later = lazy(() => import("@/later"));';
    const found = spokenIn(
      write({
        "src/app/b/[id]/page.tsx": page,
        "src/app/b/[id]/one.tsx": 'import "../../../two";\nuseTranslations("a.one.deep");',
        "src/two.ts": 'import { Page } from "@/app/b/[id]/page";\nuseTranslations("a.two");',
        "src/later.tsx": 'interface P { words: "a.one" | "no.place" }\nuseTranslations(words);',
      }),
    );
    expect(found).toEqual({ frame: ["a.two"], routes: { "/b/[id]": ["a.one"] } });
  });

  test("are refused where a page brings none", () => {
    write({ "src/app/b/page.tsx": '<Words of="/c">' });
    expect(() => spokenIn(folder)).toThrow('Put its parts into <Words of="/b">');
  });

  test("are refused where nothing says which they are", () => {
    write({ "src/app/page.tsx": '<Words of="/">; useTranslations(`a.${which}`)' });
    expect(() => spokenIn(folder)).toThrow("has to stand in this file");
  });
});

describe("a part of all messages", () => {
  const all: Tree = { a: { one: "1", deep: { two: ["2"] } }, b: { three: "3" }, c: { four: "4" } };

  test("holds these places and nothing beside them", () => {
    expect(pick(all, ["a.deep", "b"])).toEqual({ a: { deep: { two: ["2"] } }, b: { three: "3" } });
  });

  test("goes beside another", () => {
    expect(merged(pick(all, ["a.deep"]), { a: { one: "1" } })).toEqual({ a: { one: "1", deep: { two: ["2"] } } });
  });
});

function valueAt(tree: Tree, place: string): unknown {
  return place.split(".").reduce<unknown>((at, key) => (at as Tree | undefined)?.[key], tree);
}
