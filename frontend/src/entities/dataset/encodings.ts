import type { ProblemError } from "@/lib/problem";

export const ENCODING_UNKNOWN = "dataset_encoding_unknown";
const POINTER = "/encoding/";

/** What a person may say a text file is written in; the API takes further names. */
export const ENCODINGS = [
  "utf-8",
  "cp932",
  "euc_jp",
  "iso2022_jp",
  "cp1252",
  "gb18030",
  "big5hkscs",
  "cp949",
  "cp1250",
  "cp1251",
  "cp1253",
  "cp1254",
  "cp1257",
  "cp1255",
  "cp1256",
  "cp874",
  "cp850",
  "mac_roman",
  "utf-16-le",
  "utf-16-be",
] as const;
export type Encoding = (typeof ENCODINGS)[number];

export function isEncoding(name: string): name is Encoding {
  return ENCODINGS.some((known) => known === name);
}

/** One encoding that a file may be in, and how its first letters beyond ASCII read then. */
export interface EncodingCandidate {
  encoding: string;
  sample: string;
}

/** The candidates of a refusal, the most plausible first; readings that look the same are one. */
export function candidatesOf(problem: ProblemError): EncodingCandidate[] {
  if (problem.code !== ENCODING_UNKNOWN) return [];
  const all = Object.entries(problem.errors)
    .filter(([pointer]) => pointer.startsWith(POINTER))
    .map(([pointer, sample]) => ({ encoding: pointer.slice(POINTER.length), sample }));
  return all.filter((one, at) => all.findIndex((other) => other.sample === one.sample) === at);
}
