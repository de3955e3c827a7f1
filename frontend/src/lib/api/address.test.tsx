import { render, screen } from "@testing-library/react";
import { renderToString } from "react-dom/server";
import { afterEach, expect, it } from "vitest";

import { ApiAddress, useApiLink } from "./address";

afterEach(() => delete window.__LLMLORA__);

function Download() {
  return <a href={useApiLink()("/api/datasets/ds_1/file")}>file</a>;
}

const page = (
  <ApiAddress url="http://studio.lan:8123">
    <Download />
  </ApiAddress>
);

it("is drawn by the server as the visitor reaches the API", () => {
  expect(renderToString(page)).toContain('href="http://studio.lan:8123/api/datasets/ds_1/file"');
});

it("is what the browser knows once the page listens", () => {
  window.__LLMLORA__ = { apiUrl: "https://behind-a-proxy.example" };
  render(page);
  expect(screen.getByRole("link").getAttribute("href")).toBe("https://behind-a-proxy.example/api/datasets/ds_1/file");
});
