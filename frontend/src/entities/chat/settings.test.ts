import { describe, expect, it } from "vitest";

import { formOf, isUsualForm, parseForm, readForm, sameSettings, USUAL } from "./settings";

const FORM = formOf({ system: null, sampling: USUAL });

describe("readForm", () => {
  it("gives back what it was made of", () => {
    const settings = { system: "短く", sampling: { ...USUAL, seed: 7 } };
    expect(readForm(formOf(settings)).settings).toEqual(settings);
  });
  it("takes the usual values for empty fields, and no seed", () => {
    const { settings, errors } = readForm({ system: " ", temperature: "", topP: "", maxTokens: "", seed: "" });
    expect(errors).toEqual({});
    expect(settings).toEqual({ system: null, sampling: USUAL });
  });
  it("reads full-width digits", () => {
    const { settings, errors } = readForm({ ...FORM, temperature: "０．５", maxTokens: "１２８" });
    expect(errors).toEqual({});
    expect(settings.sampling).toMatchObject({ temperature: 0.5, max_tokens: 128 });
  });
  it.each([
    ["temperature", "2.1"],
    ["temperature", "-0.1"],
    ["temperature", "warm"],
    ["topP", "0"],
    ["topP", "1.01"],
    ["maxTokens", "0"],
    ["maxTokens", "1.5"],
    ["seed", "-1"],
    ["seed", "4294967295"],
  ] as const)("refuses %s %s", (field, text) => {
    expect(readForm({ ...FORM, [field]: text }).errors).toEqual({ [field]: true });
  });
});

it("compares what is sent", () => {
  expect(sameSettings({ system: null, sampling: USUAL }, { system: "", sampling: { ...USUAL } })).toBe(true);
  expect(sameSettings({ system: "a", sampling: USUAL }, { system: null, sampling: USUAL })).toBe(false);
});

it("reads a kept form and nothing else", () => {
  expect(parseForm(JSON.stringify(FORM))).toEqual(FORM);
  for (const text of ["", "null", "[]", '{"system":1}', "{"]) expect(parseForm(text)).toBeNull();
});

it("tells the form that nobody has changed", () => {
  expect(isUsualForm({ ...FORM })).toBe(true);
  for (const field of Object.keys(FORM)) expect(isUsualForm({ ...FORM, [field]: `${FORM[field as keyof typeof FORM]}1` })).toBe(false);
});
