import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, it } from "vitest";

import ui from "../../../messages/en/ui.json";
import { ComboboxLayer } from "./combobox-layer";

afterEach(cleanup);

it("keeps what is being typed when the options come anew", () => {
  const drawn = () => (
    <NextIntlClientProvider locale="en" messages={{ ui }}>
      <ComboboxLayer by="press" label="Base model" value="a" options={[{ value: "a", label: "small" }, { value: "b", label: "large" }]} />
    </NextIntlClientProvider>
  );
  const { rerender } = render(drawn());
  const field = screen.getByRole<HTMLInputElement>("combobox", { name: "Base model" });
  expect(field.value).toBe("small");
  fireEvent.change(field, { target: { value: "lar" } });
  expect(field.getAttribute("aria-expanded")).toBe("true");
  rerender(drawn());
  expect(field.value).toBe("lar");
});
