import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";

import { PersonsName } from "./persons-name";

afterEach(cleanup);

it("a name that ends isolations stays within its own", () => {
  render(<PersonsName>{"a\u2069\u202eb"}</PersonsName>);
  expect(screen.getByText("a\u202eb").tagName).toBe("BDI");
});
