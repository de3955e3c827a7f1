import { describe, expect, it } from "vitest";

import { columnsOf } from "./columns";

const ofText = (text: string) => columnsOf(new Blob([text]));

describe("columnsOf", () => {
  it("reads the header of CSV and TSV, quotes and a byte order mark included", async () => {
    expect(await ofText('\ufeffq,"a ""long"" one",備考\n1,2,3')).toEqual(["q", 'a "long" one', "備考"]);
    expect(await ofText("q\ta\r\n1\t2")).toEqual(["q", "a"]);
  });

  it("reads a header in CP932", async () => {
    const bytes = new Uint8Array([0x8e, 0xbf, 0x96, 0xe2, 0x2c, 0x89, 0xf1, 0x93, 0x9a, 0x0a]);
    expect(await columnsOf(new Blob([bytes]))).toEqual(["質問", "回答"]);
  });

  it("reads the keys of the first object of JSON and JSONL", async () => {
    expect(await ofText('{"a": "}{", "b": {"c": 1}}\n{"d": 1}')).toEqual(["a", "b"]);
    expect(await ofText('[\n {"x": 1, "y": "\\"}"}, {"z": 1}]')).toEqual(["x", "y"]);
  });

  it("says nothing of what it cannot read", async () => {
    expect(await ofText("PAR1\0\0")).toEqual([]);
    expect(await ofText("")).toEqual([]);
    expect(await ofText("{broken")).toEqual([]);
  });

  it("reads a header as a person says it is written", async () => {
    const header = new Uint8Array([0xe9, 0x74, 0xe9, 0x2c, 0x62, 0x0a]);
    expect(await columnsOf(new Blob([header]), "cp1252")).toEqual(["été", "b"]);
    expect(await columnsOf(new Blob([header]), "no-such")).toHaveLength(2);
  });
});
