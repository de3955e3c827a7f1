import { describe, expect, it } from "vitest";

import { withHeaderLine, withoutHeaderLine } from "./header-line";

describe("withHeaderLine", () => {
  it.each([
    ["返品は？\tはい。\r\n送料は？\t五百円。\r\n", "instruction\toutput\n"],
    ['"a, b",c,d\ne,f,g\n', "instruction,output,column_3\n"],
  ])("keeps every line of %j", async (text, header) => {
    const file = new File([text], "rows.csv", { lastModified: 5 });
    const made = await withHeaderLine(file);
    expect(await made.text()).toBe(header + text);
    expect(withoutHeaderLine(made)).toBe(file);
    expect(withoutHeaderLine(file)).toBeUndefined();
  });
});
