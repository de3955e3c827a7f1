import { act, cleanup, render } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { setCharacterKeys } from "@/lib/character-keys";

import { Shortcut } from "./kbd";

beforeEach(() => setCharacterKeys(true));
afterEach(cleanup);

const keysShown = () => [...document.querySelectorAll("kbd")].map(({ textContent }) => textContent);

describe("keys of actions", () => {
  it("are not shown while shortcuts of characters are switched off, in what stands there already, too", () => {
    render(["x", "?", "g d", "mod+k", "Escape"].map((keys) => <Shortcut key={keys} keys={keys} />));
    expect(keysShown()).toEqual(["X", "?", "G", "D", "Ctrl", "K", "Escape"]);
    act(() => setCharacterKeys(false));
    expect(keysShown()).toEqual(["Ctrl", "K", "Escape"]);
    act(() => setCharacterKeys(true));
    expect(keysShown()).toHaveLength(7);
  });
});
