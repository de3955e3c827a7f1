import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import { belongsToFocus, isOfCharacters } from "./keys";

afterEach(cleanup);

describe("keys of an input method", () => {
  it.each([
    ["Enter while a word is composed", { key: "Enter", isComposing: true, keyCode: 229 }],
    ["Enter as Safari tells it after the composition", { key: "Enter", keyCode: 229 }],
    ["Ctrl+Enter as Safari tells it", { key: "Enter", keyCode: 229, ctrlKey: true }],
    ["Escape that leaves a composition", { key: "Escape", isComposing: true }],
    ["arrows among the candidates", { key: "ArrowDown", isComposing: true, keyCode: 229 }],
    ["a key that is only said to be processed", { key: "Process", keyCode: 229 }],
  ])("reach no part of the page: %s", (_, press) => {
    const told = vi.fn();
    render(<input onKeyDown={told} onKeyDownCapture={told} />);
    document.addEventListener("keydown", told);
    const went = fireEvent.keyDown(screen.getByRole("textbox"), press);
    document.removeEventListener("keydown", told);
    expect(told).not.toHaveBeenCalled();
    expect(went).toBe(press.key !== "Enter" && press.key !== "Escape"); // a form is not sent either
  });

  it("are followed by keys of the page", () => {
    const told = vi.fn();
    render(<input onKeyDown={told} />);
    fireEvent.keyDown(screen.getByRole("textbox"), { key: "Enter", isComposing: true, keyCode: 229 });
    fireEvent.keyDown(screen.getByRole("textbox"), { key: "Enter", keyCode: 13 });
    expect(told).toHaveBeenCalledOnce();
  });
});

describe("belongsToFocus", () => {
  const letterOn = (part: React.ReactElement): boolean => {
    render(part);
    let found = false;
    const listen = (event: KeyboardEvent) => (found = belongsToFocus(event));
    window.addEventListener("keydown", listen);
    fireEvent.keyDown(screen.getByTestId("focus"), { key: "x" });
    window.removeEventListener("keydown", listen);
    return found;
  };

  it.each([
    ["a closed select", <button key="a" role="combobox" aria-expanded={false} aria-controls="a" data-testid="focus" />],
    ["a checkbox", <input key="b" type="checkbox" data-testid="focus" />],
    ["a switch", <input key="c" type="checkbox" role="switch" data-testid="focus" />],
    ["a slider", <div key="d" role="slider" aria-valuenow={1} tabIndex={0} data-testid="focus" />],
    ["a browser's own select", <select key="e" data-testid="focus" />],
    ["text that can be written", <div key="f" contentEditable suppressContentEditableWarning data-testid="focus" />],
    ["a button within a dialog", <div key="g" role="dialog"><button data-testid="focus" /></div>],
  ])("letters on %s are its own", (_, part) => expect(letterOn(part)).toBe(true));

  it.each([
    ["a link", <a key="a" href="#there" data-testid="focus" />],
    ["a button", <button key="b" data-testid="focus" />],
  ])("letters on %s are the page's", (_, part) => expect(letterOn(part)).toBe(false));
});

describe("isOfCharacters", () => {
  it.each(["x", "?", "g d", "/"])("%s", (keys) => expect(isOfCharacters(keys)).toBe(true));
  it.each(["mod+k", "Escape", "mod+Enter"])("not %s", (keys) => expect(isOfCharacters(keys)).toBe(false));
});
