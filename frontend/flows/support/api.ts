import type { DatasetOut, DeploymentOut, JobDetail, JobOut, SessionWithMessagesOut } from "@/lib/api/generated/types.gen";

import { STUDIO } from "./studio";

interface EventPage {
  data: { body: { type: string } }[];
}

async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(STUDIO.apiUrl + path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

/** What a flow needs to know beside what the pages show, or has to set up. */
export const api = {
  job: (id: string) => ask<JobDetail>("GET", `/api/training/jobs/${id}`),
  jobs: () => ask<{ data: JobOut[] }>("GET", "/api/training/jobs?limit=100"),
  startJob: (request: object) => ask<JobDetail>("POST", "/api/training/jobs", request),
  cancel: (id: string) => ask<JobDetail>("POST", `/api/training/jobs/${id}/cancel`, { checkpoint: "discard" }),
  addRows: (name: string, rows: readonly object[]) =>
    ask<{ dataset: { id: string } }>("POST", "/api/datasets", { name, rows }),
  /** A file under the name that it has on somebody's machine, as browsers send it. */
  addFile: async (fileName: string, words: string, name: string) => {
    const form = new FormData();
    form.set("name", name);
    form.set("file", new Blob([words], { type: "text/csv" }), fileName);
    const answer = await fetch(`${STUDIO.apiUrl}/api/datasets/upload`, { method: "POST", body: form });
    if (!answer.ok) throw new Error(`upload of ${fileName}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { dataset: DatasetOut }).dataset;
  },
  addChatSession: (title: string, models: readonly string[]) => ask<{ id: string }>("POST", "/api/chat/sessions", { title, models }),
  datasets: () => ask<{ data: DatasetOut[] }>("GET", "/api/datasets?limit=100"),
  conversation: (id: string) => ask<SessionWithMessagesOut>("GET", `/api/chat/sessions/${id}`),
  beginConversation: (title: string, models: readonly string[], sampling: object) =>
    ask<{ id: string }>("POST", "/api/chat/sessions", { title, models, sampling }).then(({ id }) => id),
  deployments: () => ask<{ data: DeploymentOut[] }>("GET", "/api/deployments?limit=100"),
  /** The conversation that was used last. */
  chatSession: async () => (await ask<{ data: { id: string; title: string }[] }>("GET", "/api/chat/sessions?limit=1")).data[0],
  chatSessions: () => ask<{ data: { id: string; title: string }[] }>("GET", "/api/chat/sessions?limit=100"),
  checkpoints: async (id: string) => {
    const events = await ask<EventPage>("GET", `/api/training/jobs/${id}/events?limit=1000`);
    return events.data.filter(({ body }) => body.type === "checkpoint").length;
  },
};
