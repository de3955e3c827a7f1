import { cleanup, render, screen, within } from "@testing-library/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, it, vi } from "vitest";

import { en } from "../../../messages/en";
import { standingOf } from "@/entities/course/standing";
import type { CourseTextOut, GoalProgress } from "@/lib/api/generated/types.gen";
import { CourseText } from "./course-text";

vi.mock("next/navigation", () => ({ usePathname: () => "/learn/1", useRouter: () => ({}) }));
afterEach(cleanup);

const TEXT = `# Level 1: a first LoRA (30 minutes)

<!-- for: everyone -->

Read <script>alert(1)</script> and <img src=x onerror="alert(1)"> this. [bad](javascript:alert(1))

## Step 1: the data

<!-- done data: data tutorial/datasets/level1_basic_en.json -->

\`\`\`studio
page: Training
file: Choose files = tutorial/datasets/level1_basic_en.json
type: Rank = 4
\`\`\`

![The data](images/level1_data.en.webp)

\`\`\`console
$ ./llmlora jobs list
done
\`\`\`

Then level 2 ([level2_practical_tutorial.en.md](level2_practical_tutorial.en.md)), or [docs/api.md](../../docs/api.md).
`;

const line = (words: string) => TEXT.split("\n").findIndex((one) => one.startsWith(words)) + 1;
const COURSE: CourseTextOut = {
  level: 1,
  language: "en",
  title: "Level 1: a first LoRA",
  minutes: 30,
  audience: "everyone",
  goals_total: 1,
  goals_done: 0,
  text: TEXT,
  sections: [{ anchor: "part-1", title: "Step 1: the data", line: line("## Step 1") }],
  goals: [{ name: "data", anchor: "part-1", kind: "data", words: "level1_basic_en.json", settings: [] }],
  steps: [
    { op: "page", line: line("page:"), value: "Training" },
    { op: "file", line: line("file:"), value: "tutorial/datasets/level1_basic_en.json" },
  ],
};

function show(progress: GoalProgress[] | null = null) {
  const page = (told: GoalProgress[] | null) => (
    <QueryClientProvider client={new QueryClient()}>
      <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
        <CourseText course={COURSE} standing={standingOf(COURSE, told)} />
      </NextIntlClientProvider>
    </QueryClientProvider>
  );
  const drawn = render(page(progress));
  return { page: drawn.container, tell: (told: GoalProgress[]) => drawn.rerender(page(told)) };
}

it("shows neither comments nor HTML, and no address that runs code", () => {
  const { page } = show();
  expect(page.querySelector("script, [onerror]")).toBeNull();
  expect(page.innerHTML).not.toContain("javascript:");
  expect(page.textContent).not.toContain("<!--");
  expect(page.querySelectorAll("img")).toHaveLength(1);
});

it("draws the picture that the API serves, in its size", () => {
  show();
  const picture = screen.getByRole("img", { name: "The data" });
  expect(picture.getAttribute("src")).toMatch(/\/api\/courses\/1\/files\/level1_data\.en\.webp$/);
  expect(picture.getAttribute("width")).toBe("1024");
});

it("opens the pages that it names, saves the files, and leads to the other courses", () => {
  show();
  expect(screen.getByRole("link", { name: "Training" }).getAttribute("href")).toBe("/training");
  expect(screen.getByRole("link", { name: "Save the file" }).getAttribute("href")).toMatch(/\/files\/level1_basic_en\.json$/);
  expect(screen.getByRole("link", { name: "course page" }).getAttribute("href")).toBe("/learn/2");
  expect(screen.queryByRole("link", { name: "docs/api.md" })).toBeNull();
});

it("ticks below its heading what is seen, without a word of the text being drawn anew", () => {
  const { page, tell } = show([{ name: "data", ticked_by: null, ticked_at: null, at_work: false, link: { page: "add_data", dataset_id: null, job_ids: [], model: null, base: null } }]);
  const panel = screen.getByRole("region", { name: "To do in “Step 1: the data”" });
  expect(within(panel).getByRole("link", { name: "Add data" }).getAttribute("href")).toBe("/datasets?add=1");
  expect(within(panel).getByRole("img").getAttribute("aria-label")).toBe("Not yet");
  const heading = page.querySelector("h2");
  tell([{ name: "data", ticked_by: "seen", ticked_at: "2026-01-01T00:00:00Z", at_work: false, link: null }]);
  expect(within(panel).getByRole("img").getAttribute("aria-label")).toBe("Done");
  expect(page.querySelector("h2")).toBe(heading);
});
