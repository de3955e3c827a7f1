import { describe, expect, it } from "vitest";

import { fileOfText } from "./pasted";

const now = new Date(2026, 10, 21, 9, 5, 7);
const nameOf = (text: string) => fileOfText(text, "rows", now).name;

describe("fileOfText", () => {
  it("names the file by its moment and its format", () => {
    expect(nameOf('{"a": 1}')).toBe("rows-1121-090507.jsonl");
    expect(nameOf(' [{"a": 1}]')).toBe("rows-1121-090507.json");
    expect(nameOf("q\ta\n1\t2")).toBe("rows-1121-090507.tsv");
    expect(nameOf("q,a\n1,2")).toBe("rows-1121-090507.csv");
  });

  it("ends the last line", async () => {
    expect(await fileOfText("q,a\n1,2", "p", now).text()).toBe("q,a\n1,2\n");
    expect(await fileOfText("q,a\n", "p", now).text()).toBe("q,a\n");
  });
});
