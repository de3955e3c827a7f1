import type { RecipeBook } from "@/entities/recipe/book";
import type { DeploymentOut, JobDetail, JobState, ProgressOut, RecipeOut, RunStepOut, Words } from "@/lib/api/generated/types.gen";

/** One box of the strip over the page. */
export interface Step {
  name: string;
  title: Words;
  /** What is done in it. */
  does: Words;
  jobId: string;
  recipe: string;
  trains: boolean;
  state: JobState;
  progress: ProgressOut | null;
}

/** The steps of a chain: of each job those that its recipe declares. */
export function stepsOf(jobs: readonly JobDetail[], deployment: DeploymentOut | null, book: RecipeBook): Step[] {
  return jobs.flatMap((job) => {
    const recipe = book.of(job.recipe);
    const steps = recipe?.steps ?? [undeclared(job)];
    const at = placeOf(job, steps, recipe, deployment !== null);
    return steps.map(({ name, title, ...step }, place) => ({
      name,
      title,
      does: doesIn(step, job.config),
      jobId: job.id,
      recipe: job.recipe,
      trains: book.trains(job.recipe),
      state: stateAt(place, at, job.state),
      progress: place === at ? job.progress : null,
    }));
  });
}

/** Which step is at work, or was when the job ended. What was done may come again: a cure registers anew. */
function placeOf(job: JobDetail, steps: readonly Pick<RunStepOut, "name" | "since" | "until_served">[], recipe: RecipeOut | undefined, isServed: boolean): number {
  if (job.state === "completed") return steps.length - 1;
  const order = recipe?.stages.map(({ name }) => name) ?? [];
  const now = order.indexOf(job.progress?.stage.split(" ", 1)[0] ?? "");
  return Math.max(0, steps.findLastIndex(({ name, since }, place) => {
    if (steps[place - 1]?.until_served && isServed) return true;
    if (since === null) return place === 0;
    const wasReported = job.state !== "running" && job.reports[name] !== undefined;
    return wasReported || (now >= 0 && now >= order.indexOf(since));
  }));
}

function stateAt(place: number, at: number, state: JobState): JobState {
  if (place < at) return "completed";
  return place === at ? state : laterState(state);
}

/** Of what would have come behind a step that is not done. */
function laterState(state: JobState): JobState {
  if (state === "running") return "pending";
  return state === "failed" ? "cancelled" : state;
}

function doesIn({ does, does_where }: Pick<RunStepOut, "does" | "does_where">, config: JobDetail["config"]): Words {
  const other = Object.entries(does_where).flatMap(([setting, by]) => by[String(config[setting])] ?? []);
  return other[0] ?? does;
}

/** Of a recipe that this studio does not have (any more). */
function undeclared({ recipe }: JobDetail): RunStepOut {
  const words = { ja: recipe, en: recipe };
  return { name: "run", title: words, does: { ja: "", en: "" }, does_where: {}, since: null, until_served: false };
}
