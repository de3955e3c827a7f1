import type { ArtifactOut, JobDetail, JobOut, JobState } from "../api/generated/types.gen";
import type { JobEvent } from "./messages";

/** A job as a list or a page holds it; what only a page has may be missing. */
export type JobSnapshot = JobOut & Partial<Pick<JobDetail, "artifacts" | "reports">>;

type Body<Type extends JobEvent["body"]["type"]> = Extract<JobEvent["body"], { type: Type }>;

const FINAL: ReadonlySet<JobState> = new Set<JobState>(["completed", "failed", "cancelled"]);

/** Whether a job has ended; it then never changes. */
export function isFinal(state: JobState): boolean {
  return FINAL.has(state);
}

/**
 * The snapshot after some more events, as the API itself would give it. The same object when nothing is new.
 *
 * Events that were applied before are skipped; those behind a gap wait for whoever fills it. Types that are not known
 * raise `head_seq` alone. Metric points, logs and samples of resources are kept elsewhere (`curves.ts`, `logs.ts`).
 */
export function apply<Snapshot extends JobSnapshot>(snapshot: Snapshot, events: readonly JobEvent[]): Snapshot {
  let job = snapshot;
  for (const event of events) {
    if (event.seq === job.head_seq + 1) job = { ...job, ...changesBy(event, job), head_seq: event.seq };
    else if (event.seq > job.head_seq) break;
  }
  return job;
}

/** What a refetch makes of the cache: an answer that left before events arrived does not undo them. */
export function reconcile<Snapshot extends JobSnapshot>(cached: Snapshot | undefined, fetched: Snapshot): Snapshot {
  if (!cached || cached.id !== fetched.id || cached.head_seq <= fetched.head_seq) return fetched;
  return isFinal(cached.state) ? cached : { ...cached, desired: fetched.desired };
}

function changesBy(event: JobEvent, job: JobSnapshot): Partial<JobSnapshot> {
  const { body } = event;
  switch (body.type) {
    case "state":
      return { epoch: event.epoch, ...stateChange(event, body, job) };
    case "progress": {
      const { stage, done, total, unit, eta_s = null } = body;
      return { progress: { stage, done, total, unit, eta_s } };
    }
    case "metrics":
      return { latest_metrics: { ...job.latest_metrics, ...newest(body) } };
    case "report":
      return job.reports ? { reports: { ...job.reports, [body.name]: body.body } } : {};
    case "artifact":
    case "checkpoint":
      return job.artifacts ? { artifacts: withArtifact(job.artifacts, artifactOf(event, body)) } : {};
    default:
      // log, resources: kept elsewhere. failure, finished: the verdict is the state event that follows, because a
      // failed run may be tried again. Anything else is of a later API.
      return {};
  }
}

/** The reason of a trial's end that others have beaten. */
const PRUNED = "pruned";

function stateChange(event: JobEvent, { state, failure = null, reason = null }: Body<"state">, job: JobSnapshot): Partial<JobOut> {
  const change: Partial<JobOut> = { state, next_run_at: null };
  if (isFinal(state)) {
    change.failure = failure;
    change.finished_at = event.at;
    if (state === "cancelled") change.desired = reason === PRUNED ? "prune" : "cancel";
  } else if (state === "running") {
    change.started_at = job.started_at ?? event.at;
    change.progress = null;
  } else if (state === "queued") {
    if (failure) change.attempt = job.attempt + 1;
    else change.next_run_at = event.at;
  }
  return change;
}

function newest({ step, values, not_finite = {} }: Body<"metrics">): JobOut["latest_metrics"] {
  return Object.fromEntries([
    ...Object.entries(values).map(([name, value]) => [name, { step, value }] as const),
    ...Object.entries(not_finite).map(([name, word]) => [name, { step, value: null, not_finite: word }] as const),
  ]);
}

/** The row of a file before the API was asked for its id: it cannot be downloaded yet. */
function artifactOf(event: JobEvent, body: Body<"artifact"> | Body<"checkpoint">): ArtifactOut {
  const isCheckpoint = body.type === "checkpoint";
  return {
    id: `event:${event.job_id}:${event.seq}`,
    job_id: event.job_id,
    epoch: event.epoch,
    kind: isCheckpoint ? "checkpoint" : body.kind,
    name: isCheckpoint ? (body.path.split("/").pop() ?? body.path) : body.name,
    path: body.path,
    sha256: body.sha256,
    size_bytes: body.size_bytes,
    step: isCheckpoint ? body.step : null,
    facts: isCheckpoint ? {} : (body.facts ?? {}),
    created_at: event.at,
    download_url: null,
  };
}

function withArtifact(artifacts: ArtifactOut[], added: ArtifactOut): ArtifactOut[] {
  return [...artifacts.filter((one) => one.path !== added.path || one.epoch !== added.epoch), added];
}
