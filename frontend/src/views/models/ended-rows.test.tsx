import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { notify } from "@/components/ui/toast";
import { createTrainingJob, deleteTrainingJob, findBaseModel, listTrainingJobs, pullOllamaModel } from "@/lib/api/generated/sdk.gen";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { clientWithRecipes, IMPORT, PULL } from "@/entities/recipe/samples";
import { sampleJob } from "@/lib/live/samples";
import { ProblemError } from "@/lib/problem";

import { en } from "../../../messages/en";
import { ja } from "../../../messages/ja";
import { ImportRows } from "./import-rows";
import { OllamaPull } from "./ollama-pull";

vi.mock("@/components/ui/toast", () => ({ notify: { good: vi.fn(), bad: vi.fn() } }));
vi.mock("@/lib/api/generated/sdk.gen", () => ({
  createTrainingJob: vi.fn(),
  deleteTrainingJob: vi.fn(),
  findBaseModel: vi.fn(),
  listRecipes: vi.fn(),
  listTrainingJobs: vi.fn(),
  pullOllamaModel: vi.fn(),
}));

const FAILURE = { type: "failure", failure_class: "input", code: "x", ja: "来なかった。", en: "It did not come." } as const;
const failed = (id: string, name: string, recipe = IMPORT.name): JobOut =>
  sampleJob({ id, name, recipe, state: "failed", config: recipe === IMPORT.name ? { reference: name } : { name }, failure: FAILURE, created_at: `2026-11-30T00:00:0${id.slice(-1)}Z` });
const refusal = new ProblemError("refused", { status: 409, detail: "Not now." });
const plain = (text: unknown) => String(text).replace(/[\u2066-\u2069]/g, "");
const button = (name: string) => screen.getByRole("button", { name: (text) => plain(text) === name });
const focused = () => plain(document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
let jobs: JobOut[];

beforeEach(() => {
  jobs = [failed("job_1", "hf:a/one"), failed("job_2", "hf:a/two")];
  vi.mocked(listTrainingJobs).mockImplementation((async () => ({ data: { data: jobs, next: null } })) as never);
  vi.mocked(deleteTrainingJob).mockImplementation((async ({ path }: { path: { job_id: string } }) => {
    jobs = jobs.filter(({ id }) => id !== path.job_id);
    return { data: { id: path.job_id, freed_bytes: 0 } };
  }) as never);
});
afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

async function show(locale: "ja" | "en" = "en") {
  render(
    <NextIntlClientProvider locale={locale} messages={locale === "ja" ? ja : en} timeZone="UTC">
      <QueryClientProvider client={clientWithRecipes()}>
        <section>
          <table>
            <tbody>
              <ImportRows models={[]} cells={8} />
              <tr>
                <td>
                  <button type="button">a base model</button>
                </td>
              </tr>
            </tbody>
          </table>
        </section>
      </QueryClientProvider>
    </NextIntlClientProvider>,
  );
  await waitFor(() => expect(screen.getAllByRole("link")).toHaveLength(2));
}

function press(name: string) {
  const pressed = button(name);
  pressed.focus();
  fireEvent.click(pressed);
}

describe("A model that did not come", () => {
  it("hands the focus on to what stands behind it, when its record is put away", async () => {
    await show();
    press("Dismiss the record of importing hf:a/one");
    await waitFor(() => expect(screen.getAllByRole("link")).toHaveLength(1));
    expect(focused()).not.toBe("");
    press("Dismiss the record of importing hf:a/two");
    await waitFor(() => expect(screen.queryAllByRole("link")).toHaveLength(0));
    expect(focused()).toBe("a base model");
  });

  it("keeps the focus in its row when it is tried again", async () => {
    vi.mocked(findBaseModel).mockRejectedValue(new ProblemError("not_found", { status: 404 }));
    vi.mocked(createTrainingJob).mockImplementation((async () => {
      const again = { ...failed("job_3", "hf:a/one"), state: "queued", failure: null } as JobOut;
      jobs = [...jobs, again];
      return { data: again };
    }) as never);
    await show();
    press("Add hf:a/one again");
    await waitFor(() => expect(screen.queryAllByRole("button", { name: /Add/ })).toHaveLength(1));
    expect(focused()).toBe("hf:a/one");
  });

  it("that has come another way meanwhile is told, and its record goes", async () => {
    vi.mocked(findBaseModel).mockResolvedValue({ data: { state: "registered" } } as never);
    await show();
    press("Add hf:a/one again");
    await waitFor(() => expect(screen.getAllByRole("link")).toHaveLength(1));
    expect(vi.mocked(notify.good).mock.calls.map(([title]) => plain(title))).toEqual(["hf:a/one has already been added."]);
    expect(deleteTrainingJob).toHaveBeenCalledWith({ path: { job_id: "job_1" } });
    expect(createTrainingJob).not.toHaveBeenCalled();
  });

  it.each([
    ["en", "Add hf:a/one again", "Dismiss the record of importing hf:a/one", ["Could not add hf:a/one again", "Could not dismiss the record of importing hf:a/one"]],
    ["ja", "hf:a/one をもう一度追加", "hf:a/one の取り込みの記録を片付ける", ["hf:a/one をもう一度追加できませんでした", "hf:a/one の取り込みの記録を片付けられませんでした"]],
  ] as const)("says in %s which of both did not work", async (locale, retry, dismiss, titles) => {
    vi.mocked(findBaseModel).mockRejectedValue(refusal);
    vi.mocked(deleteTrainingJob).mockRejectedValue(refusal);
    await show(locale);
    press(retry);
    await waitFor(() => expect(notify.bad).toHaveBeenCalledTimes(1));
    press(dismiss);
    await waitFor(() => expect(notify.bad).toHaveBeenCalledTimes(2));
    expect(vi.mocked(notify.bad).mock.calls.map(([title]) => plain(title))).toEqual(titles);
    expect(focused()).toBe(dismiss);
  });
});

describe("A model of Ollama's that did not come", () => {
  function Pulls({ pulls }: { pulls: JobOut[] }) {
    return (
      <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
        <QueryClientProvider client={client}>
          <section>
            <OllamaPull pulls={pulls} installed={[]} />
          </section>
        </QueryClientProvider>
      </NextIntlClientProvider>
    );
  }
  const client = clientWithRecipes();

  it("hands the focus on as well, at last to the field for another", () => {
    const [one, two] = [failed("job_1", "one:1", PULL.name), failed("job_2", "two:1", PULL.name)];
    const { rerender } = render(<Pulls pulls={[one, two]} />);
    button("Pull two:1 again").focus();
    rerender(<Pulls pulls={[one, { ...two, id: "job_3", state: "running", failure: null }]} />);
    expect(focused()).toBe("two:1");
    rerender(<Pulls pulls={[one]} />);
    expect(focused()).toBe("one:1");
    rerender(<Pulls pulls={[]} />);
    expect(document.activeElement).toBe(screen.getByLabelText("Pull a model"));
  });

  it("says which of the ways out did not work", async () => {
    vi.mocked(pullOllamaModel).mockRejectedValue(refusal);
    vi.mocked(deleteTrainingJob).mockRejectedValue(refusal);
    render(<Pulls pulls={[failed("job_1", "one:1", PULL.name)]} />);
    press("Pull one:1 again");
    await waitFor(() => expect(notify.bad).toHaveBeenCalledTimes(1));
    press("Dismiss the record of one:1");
    await waitFor(() => expect(notify.bad).toHaveBeenCalledTimes(2));
    expect(vi.mocked(notify.bad).mock.calls.map(([title]) => plain(title))).toEqual(["Could not pull one:1 again", "Could not dismiss the record of one:1"]);
  });
});
