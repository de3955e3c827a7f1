import { act, render } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, it, vi } from "vitest";

import nav from "../../../messages/ja/nav.json";
import { Breadcrumb } from "./breadcrumb";
import { Crumb } from "./crumb";

vi.mock("next/navigation", () => ({ usePathname: () => "/training/job_1", useRouter: () => ({}) }));
afterEach(() => (document.title = ""));

it("calls the document by what the page shows, also when the server's title comes later", async () => {
  document.title = "学習 · llmlora";
  const page = render(
    <NextIntlClientProvider locale="ja" messages={{ nav }}>
      <Breadcrumb />
      <Crumb label="五問  あと" />
    </NextIntlClientProvider>,
  );
  expect(document.title).toMatch(/五問\s+あと/);
  await act(async () => (document.title = "学習 · llmlora"));
  expect(document.title).toMatch(/五問\s+あと/);
  page.unmount();
  expect(document.title).toBe("学習 · llmlora");
});
