import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createTrainingJob, deployTrainingJob, listDeployments, listOllamaModels, listRecipes } from "@/lib/api/generated/sdk.gen";
import { deployingIn, goesOn, leadingIn } from "@/entities/job/chain";
import type { ArtifactOut, DeploymentOut, JobDetail } from "@/lib/api/generated/types.gen";
import { makeQueryClient } from "@/lib/api/query-client";
import { BOOK, EXPORT, FIRST_DEPLOYMENT, NAMED_DEPLOYMENT, RECIPES } from "@/entities/recipe/samples";
import { sampleJob } from "@/lib/live/samples";
import { ProblemError } from "@/lib/problem";

import { en } from "../../../messages/en";
import { ja } from "../../../messages/ja";
import { MakeDialog } from "./make-dialog";
import { rowsOf, standings, wishFor } from "./outputs";
import { OutputsCard } from "./outputs-card";

vi.mock("@/lib/api/generated/sdk.gen", () => ({
  createTrainingJob: vi.fn(),
  deployTrainingJob: vi.fn(),
  listDeployments: vi.fn(),
  listOllamaModels: vi.fn(),
  listRecipes: vi.fn(),
}));

const artifact = (kind: string, id: string) => ({ id, kind, name: id, size_bytes: 1000, download_url: `/api/artifacts/${id}/download` }) as unknown as ArtifactOut;
const TRAINING = sampleJob({ id: "job_t", name: "faq", state: "completed", artifacts: [artifact("adapter", "art_a")] });
const INPUTS = { ...TRAINING.inputs, training_job_id: "job_t" };
const exported = (id: string, format: string, changes: Partial<JobDetail> = {}) => {
  const [target, outtype] = format.split(":");
  return sampleJob({ id, recipe: EXPORT.name, state: "completed", inputs: INPUTS, config: { target, outtype }, artifacts: [artifact("gguf", `art_${id}`)], ...changes });
};
const served = (id: string, exportId: string, changes: Partial<JobDetail> = {}) =>
  sampleJob({ id, recipe: FIRST_DEPLOYMENT.name, state: "completed", inputs: { ...INPUTS, export_job_id: exportId }, config: { context: null }, ...changes });
const registered = (id: string, config: object, changes: Partial<JobDetail> = {}) =>
  sampleJob({ id, recipe: NAMED_DEPLOYMENT.name, state: "completed", inputs: INPUTS, config: { ...config }, ...changes });
const deployment = (jobId: string, changes: Partial<DeploymentOut> = {}) =>
  ({ id: `dep_${jobId}`, name: `ft:base:${jobId}:x`, target: "llama_cpp", state: "ready", job_id: jobId, gates: { passed: true }, tag: null, ...changes }) as DeploymentOut;
const FAILURE = { type: "failure", failure_class: "infrastructure", code: "x", ja: "失敗の理由", en: "Why it failed." } as const;
const kinds = (jobs: JobDetail[], deployments: DeploymentOut[] = []) => rowsOf(TRAINING, [TRAINING, ...jobs], deployments, BOOK).map(({ kind }) => kind);
const standing = (jobs: JobDetail[], deployments: DeploymentOut[] = []) => Object.fromEntries(standings(TRAINING, [TRAINING, ...jobs], deployments, BOOK));

describe("what there is", () => {
  it("is a file when its export has ended well, and work before", () => {
    expect(standing([exported("e", "merged:q4_K_M"), exported("f", "adapter:f16", { state: "running", artifacts: [] })])).toEqual({
      "gguf:merged:q4_K_M": "made",
      "gguf:adapter:f16": "making",
    });
    expect(kinds([exported("e", "merged:q4_K_M"), exported("f", "adapter:f16", { state: "running", artifacts: [] })])).toEqual(["adapter", "file", "work"]);
  });
  it("is a deployment while it is known, by the format of what it serves", () => {
    const jobs = [exported("e", "adapter:q8_0"), served("d", "e")];
    expect(standing(jobs, [deployment("d")])["llama_cpp:q8_0"]).toBe("made");
    expect(standing(jobs)["llama_cpp:q8_0"]).toBeUndefined();
    expect(standing(jobs, [deployment("d", { state: "rejected" })])["llama_cpp:q8_0"]).toBeUndefined();
  });
  it("is Ollama's in the form that was asked for, and in the one that it took", () => {
    const tag = { tag: "me/faq", route: "adapter", quantize: "none", num_ctx: 2048, seal: null } as const;
    const jobs = [registered("o", { route: "auto", quantize: "none" })];
    expect(standing(jobs, [deployment("o", { target: "ollama", tag })])).toEqual({ "ollama:auto": "made", "ollama:adapter": "made" });
    expect(standing([registered("o", { route: "merged", quantize: "q4_K_M" }, { state: "queued" })])).toEqual({ "ollama:q4_K_M": "making" });
  });
  it("tells what failed until it was made", () => {
    const failed = exported("e", "merged:f16", { state: "failed", artifacts: [], failure: FAILURE });
    expect(kinds([failed])).toEqual(["adapter", "failure"]);
    expect(standing([failed])).toEqual({});
    expect(kinds([failed, exported("f", "merged:f16")])).toEqual(["adapter", "file"]);
    expect(kinds([failed, exported("f", "merged:f16", { state: "queued", artifacts: [] })])).toEqual(["adapter", "work"]);
  });
  it("leaves out what is of another training, and the base", () => {
    const others = [exported("e", "adapter:f16", { inputs: { ...INPUTS, training_job_id: "job_x" } }), exported("b", "base:f16", { inputs: TRAINING.inputs })];
    expect(kinds(others)).toEqual(["adapter"]);
  });
});

describe("the strip of the page", () => {
  const jobs = [TRAINING, exported("e1", "adapter:f16"), served("d1", "e1"), exported("m", "merged:q4_K_M"), registered("d2", {}, { state: "failed", failure: FAILURE })];
  const ids = (job: JobDetail) => leadingIn(jobs, job, BOOK).map(({ id }) => id);
  it("leads to the deployment that works, not to a later try that failed", () => {
    expect(ids(TRAINING)).toEqual(["job_t", "e1", "d1"]);
    expect(deployingIn([...jobs, served("d3", "e1", { state: "running" })], TRAINING, BOOK)?.id).toBe("d3");
  });
  it("is over, and the training complete, while a file is made later; not while a deployment is", () => {
    const training = { ...TRAINING, inputs: { ...TRAINING.inputs, dataset_id: "ds_1" } };
    const stages = [exported("e1", "adapter:f16"), served("d1", "e1")];
    const file = exported("m", "merged:q4_K_M", { state: "running", artifacts: [] });
    expect(goesOn({ job: training, stages: [...stages, file] }, BOOK)).toBe(false);
    expect(goesOn({ job: training, stages: [file] }, BOOK)).toBe(false);
    expect(goesOn({ job: training, stages: [...stages, file, registered("d2", {}, { state: "pending" })] }, BOOK)).toBe(true);
    const needed = exported("e2", "adapter:q8_0", { state: "running", artifacts: [] });
    expect(goesOn({ job: training, stages: [...stages, needed, served("d3", "e2", { state: "pending" })] }, BOOK)).toBe(true);
  });
  it("holds the job whose page it is", () => {
    expect(ids(jobs[3] as JobDetail)).toEqual(["job_t", "e1", "d1", "m"]);
    expect(ids(jobs[4] as JobDetail)).toEqual(["job_t", "d2"]);
  });
});

it.each([
  [{ way: "gguf", format: "merged:q4_K_M" }, "ignored", { create: { recipe: "export_gguf", name: "faq", training_job_id: "job_t", config: { target: "merged", outtype: "q4_K_M" } } }],
  [{ way: "llama_cpp", format: "q8_0" }, " faq ", { deploy: { target: "llama_cpp", quantization: "q8_0", name: "faq" } }],
  [{ way: "llama_cpp", format: "f16" }, "  ", { deploy: { target: "llama_cpp", quantization: "f16" } }],
  [{ way: "ollama", format: "adapter" }, "", { deploy: { target: "ollama", route: "adapter" } }],
  [{ way: "ollama", format: "q4_K_M" }, "me/faq:v1", { deploy: { target: "ollama", route: "merged", quantize: "q4_K_M", tag: "me/faq:v1", replace: true } }],
] as const)("%o is asked for as the API has it", (output, name, wish) => {
  expect(wishFor(TRAINING, output, { name, replace: true }, BOOK)).toEqual(wish);
});

const answer = (data: unknown) => (async () => ({ data })) as never;

function show(locale: "ja" | "en", part: React.ReactNode): void {
  render(
    <NextIntlClientProvider locale={locale} messages={locale === "ja" ? ja : en} timeZone="UTC">
      <QueryClientProvider client={makeQueryClient()}>{part}</QueryClientProvider>
    </NextIntlClientProvider>,
  );
}

describe("the card and its dialog", () => {
  const onClose = vi.fn();
  const ask = (jobs: JobDetail[] = [], deployments: DeploymentOut[] = []) =>
    show("en", <MakeDialog training={TRAINING} jobs={[TRAINING, ...jobs]} deployments={deployments} onClose={onClose} />);
  beforeEach(() => {
    vi.mocked(listRecipes).mockImplementation(answer({ data: RECIPES, next: null }));
    vi.mocked(listDeployments).mockImplementation(answer({ data: [deployment("d")], next: null }));
    vi.mocked(listOllamaModels).mockImplementation(answer({ ollama: { state: "running" }, data: [] }));
    vi.mocked(deployTrainingJob).mockImplementation(answer(sampleJob({ id: "job_new" })));
    vi.mocked(createTrainingJob).mockImplementation(answer(sampleJob({ id: "job_new" })));
  });
  afterEach(() => {
    cleanup();
    vi.clearAllMocks();
  });

  it.each(["ja", "en"] as const)("links to the files and to the chat, and says why something failed (%s)", async (locale) => {
    const failed = exported("f", "merged:f16", { state: "failed", artifacts: [], failure: FAILURE });
    show(locale, <OutputsCard training={TRAINING} jobs={[TRAINING, exported("e", "adapter:f16"), served("d", "e"), failed]} />);
    const chat = await screen.findByRole("link", { name: locale === "ja" ? "チャットで試す" : "Try it in chat" });
    expect(chat.getAttribute("href")).toContain("/chat");
    const downloads = screen.getAllByRole("link", { name: locale === "ja" ? /をダウンロード/ : /^Download/ });
    expect(downloads.map((link) => link.getAttribute("href")).every((href) => href?.includes("/api/artifacts/art_"))).toBe(true);
    expect(downloads).toHaveLength(2);
    expect(screen.getByText(FAILURE[locale])).toBeTruthy();
  });

  it("begins a deployment with its name, and closes", async () => {
    ask();
    const dialog = await screen.findByRole("dialog");
    fireEvent.change(within(dialog).getByRole("textbox"), { target: { value: "support" } });
    fireEvent.click(within(dialog).getByRole("button", { name: "Deploy" }));
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(vi.mocked(deployTrainingJob).mock.calls[0]?.[0]).toMatchObject({ path: { job_id: "job_t" }, body: { target: "llama_cpp", quantization: "f16", name: "support" } });
  });

  it("does not offer what is there: the next format is chosen, and all of them end it", async () => {
    ask([exported("e", "merged:f16"), exported("g", "merged:q8_0", { state: "running", artifacts: [] })]);
    fireEvent.click(await screen.findByRole("button", { name: "Export as GGUF" }));
    expect(screen.getByRole("combobox").textContent).toContain("q4_K_M");
    fireEvent.click(screen.getByRole("button", { name: "Export" }));
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(vi.mocked(createTrainingJob).mock.calls[0]?.[0]).toMatchObject({ body: { config: { target: "merged", outtype: "q4_K_M" } } });
    cleanup();
    ask(["merged:f16", "merged:q8_0", "merged:q4_K_M", "adapter:f16", "adapter:q8_0"].map((format) => exported(format, format)));
    fireEvent.click(await screen.findByRole("button", { name: "Export as GGUF" }));
    expect(screen.getByText("Every format has been made or is in progress.")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Export" }).hasAttribute("disabled")).toBe(true);
  });

  it("says why nothing can be registered while Ollama is away", async () => {
    vi.mocked(listOllamaModels).mockImplementation(answer({ ollama: { state: "absent" }, data: [] }));
    ask();
    fireEvent.click(await screen.findByRole("button", { name: "Register with Ollama" }));
    expect((await screen.findByRole("status")).textContent).toContain("Start Ollama first");
    expect(screen.getByRole("button", { name: "Deploy" }).hasAttribute("disabled")).toBe(true);
  });

  it("keeps what was written when the name is taken, and lets it be replaced", async () => {
    const taken = new ProblemError("ollama_tag_taken", { status: 409, detail: "me/faq is taken." });
    vi.mocked(deployTrainingJob).mockRejectedValueOnce(taken);
    ask();
    fireEvent.click(await screen.findByRole("button", { name: "Register with Ollama" }));
    fireEvent.change(screen.getByRole("textbox"), { target: { value: "me/faq" } });
    fireEvent.click(screen.getByRole("button", { name: "Deploy" }));
    expect((await screen.findByRole("alert")).textContent).toContain("me/faq is taken.");
    expect(onClose).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole("switch"));
    fireEvent.click(screen.getByRole("button", { name: "Deploy" }));
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    const keys = vi.mocked(deployTrainingJob).mock.calls.map(([asked]) => asked.headers?.["Idempotency-Key"]);
    expect(vi.mocked(deployTrainingJob).mock.calls[1]?.[0].body).toMatchObject({ tag: "me/faq", replace: true });
    expect(keys[0]).not.toBe(keys[1]);
  });
});
