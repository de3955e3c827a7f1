import { describe, expect, it } from "vitest";

import { sampleOf } from "./columns";

const columnsOf = async (file: Blob, encoding?: string) => (await sampleOf(file, encoding)).columns;
const ofText = (text: string) => columnsOf(new Blob([text]));
const rowsOf = async (text: string) => (await sampleOf(new Blob([text]))).rows;

describe("the beginning of a file", () => {
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

  it("reads what is parted by semicolons, tabs and bars", async () => {
    for (const sign of [",", ";", "\t", "|"]) expect(await ofText(`a${sign}"b, ${sign} c"\n1${sign}2`)).toEqual(["a", `b, ${sign} c`]);
  });

  it("shows the first rows under their columns, blank lines and quotes seen to", async () => {
    expect(await rowsOf('q,a\r\n\r\n"1, ""x""\ny",2\r\n3\r\n')).toEqual([['1, "x"\ny', "2"], ["3", ""]]);
    expect(await rowsOf(`q\n${"x\n".repeat(9)}`)).toHaveLength(5);
    expect(await rowsOf('{"a": 1, "b": null}\n{"b": {"c": "}"}, "a": "x"}\n{"a"')).toEqual([["1", ""], ["x", '{"c":"}"}']]);
  });
});
