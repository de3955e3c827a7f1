import type { ArtifactKind, MetricOut, RecipeOut, StageOut, TargetOut } from "@/lib/api/generated/types.gen";

/**
 * What is to be known of recipes, by their names. Pages ask here and nowhere else what a recipe does: it is as the API
 * declares it. One that is not declared (any more) does nothing special.
 */
export class RecipeBook {
  readonly #byName: ReadonlyMap<string, RecipeOut>;

  constructor(readonly recipes: readonly RecipeOut[]) {
    this.#byName = new Map(recipes.map((recipe) => [recipe.name, recipe]));
  }

  of(name: string): RecipeOut | undefined {
    return this.#byName.get(name);
  }

  /** What a request without a recipe means. */
  get usual(): RecipeOut | undefined {
    return this.recipes.find((recipe) => recipe.default);
  }

  trains(name: string): boolean {
    return this.of(name)?.trains ?? false;
  }

  /** Whether some recipe learns from data of that kind. */
  learnsFrom(kind: string): boolean {
    return this.recipes.some(({ trains, dataset_kinds }) => trains && dataset_kinds.some((one) => one === kind));
  }

  /** Where a recipe makes a tuned model available; null for one that does not. */
  targetOf(name: string): TargetOut | null {
    return this.of(name)?.deploys ?? null;
  }

  /** Whether a recipe puts a tuned model up and judges it. */
  deploys(name: string): boolean {
    return this.targetOf(name) !== null;
  }

  /** Every place where a tuned model can be made available; what a deployment means that names none is the first. */
  get targets(): TargetOut[] {
    const all = this.recipes.flatMap(({ deploys }) => (deploys ? [deploys] : []));
    return all.toSorted((one, other) => Number(other.default) - Number(one.default));
  }

  target(name: string): TargetOut | undefined {
    return this.targets.find((one) => one.name === name);
  }

  deployingTo(target: string): RecipeOut | undefined {
    return this.recipes.find(({ deploys }) => deploys?.name === target);
  }

  /** The recipes whose jobs change what an inference engine has: those that pull into it, and those that deploy to it. */
  filling(engine: string): string[] {
    return this.recipes.filter(({ pulls, deploys }) => pulls === engine || deploys?.name === engine).map(({ name }) => name);
  }

  pulls(name: string, engine: string): boolean {
    return this.of(name)?.pulls === engine;
  }

  /** The recipe that leaves a file of that kind; of several, the first. */
  making(kind: ArtifactKind): RecipeOut | undefined {
    return this.recipes.find(({ artifacts }) => artifacts.includes(kind));
  }

  makes(name: string, kind: ArtifactKind): boolean {
    return this.of(name)?.artifacts.includes(kind) ?? false;
  }

  /** Whether a recipe makes something of what a training has left. */
  takesTrained(name: string): boolean {
    return takes(this.of(name), this.recipes.filter(({ trains }) => trains).flatMap(({ artifacts }) => artifacts));
  }

  /** Where what a training leaves can be made available. */
  targetsFor(artifacts: readonly string[]): TargetOut[] {
    return this.targets.filter(({ name }) => takes(this.deployingTo(name), artifacts));
  }

  /** Whether a file of that kind can be made of what a training leaves. */
  canMake(kind: ArtifactKind, artifacts: readonly string[]): boolean {
    return takes(this.making(kind), artifacts);
  }

  /** The curve that stands for a job where there is room for one. */
  mainMetric(name: string): MetricOut | undefined {
    const metrics = this.of(name)?.metrics;
    return metrics?.find(({ main }) => main) ?? metrics?.[0];
  }

  metric(name: string, metric: string): MetricOut | undefined {
    return this.of(name)?.metrics.find((one) => one.name === metric);
  }

  /** A part of a run by what its progress says: the first word is its name. */
  stage(name: string, told: string | undefined): StageOut | undefined {
    const first = told?.split(" ", 1)[0];
    return this.of(name)?.stages.find((one) => one.name === first);
  }
}

/** Whether one of these files is what a recipe works on. A report is for people. */
function takes(recipe: RecipeOut | undefined, files: readonly string[]): boolean {
  return Object.values(recipe?.inputs ?? {}).some(({ artifacts }) => artifacts.some((kind) => kind !== "report" && files.includes(kind)));
}

const NONE: readonly RecipeOut[] = [];
const books = new WeakMap<readonly RecipeOut[], RecipeBook>();

/** The same book for the same recipes. */
export function bookOf(recipes: readonly RecipeOut[] = NONE): RecipeBook {
  const known = books.get(recipes);
  if (known) return known;
  const book = new RecipeBook(recipes);
  books.set(recipes, book);
  return book;
}
