import { expect, it, vi } from "vitest";

import { runtimeScript } from "./runtime";

it("presses again what was pressed before the page listened, once, and sends no form by itself", () => {
  new Function(runtimeScript({ apiPort: 9001 }))();
  document.body.innerHTML = `<button id="table"><b>Table</b></button><button id="gone"></button><form><button id="send" type="submit"></button></form>`;
  const button = (id: string) => document.getElementById(id) as HTMLButtonElement;
  const early = new Event("submit", { bubbles: true, cancelable: true });
  document.forms[0]?.dispatchEvent(early);
  expect(early.defaultPrevented).toBe(true);
  button("table").querySelector("b")?.click();
  const gone = button("gone");
  gone.click();
  gone.remove();

  const [onTable, onGone] = [vi.fn(), vi.fn()];
  button("table").addEventListener("click", onTable);
  gone.addEventListener("click", onGone);
  window.__LLMLORA__?.ready?.();
  expect(onTable).toHaveBeenCalledTimes(1);
  expect(onGone).not.toHaveBeenCalled();
  expect(document.documentElement.dataset.ready).toBe("true");
  expect(window.__LLMLORA__?.apiPort).toBe(9001);

  window.__LLMLORA__?.ready?.();
  expect(onTable).toHaveBeenCalledTimes(1);
});
