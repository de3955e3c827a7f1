import { formOf, formOfTag, OLLAMA_FORMS, routeOf } from "@/entities/ollama/forms";
import { useOllamaModels } from "@/entities/ollama/queries";
import { defaultTag, freeTag } from "@/entities/ollama/tag";
import type { DeploymentOut, DeployRequest, JobDetail, OllamaStatus, RegisteredTag } from "@/lib/api/generated/types.gen";

/** What belongs to one target alone, and no recipe can declare. */
export interface TargetParts {
  /** In which forms a model can be made available there, the usual one first; empty: there is nothing to choose. */
  forms: readonly string[];
  /** Each form is a choice of its own where a training is set up; else it has a field. */
  isSpread: boolean;
  /** A form as a request says it. */
  asked: (form: string) => Omit<DeployRequest, "target">;
  /** The form that a job was asked for. */
  formOfJob: (job: JobDetail, jobs: readonly JobDetail[]) => string;
  /** The form of what stands there, which may be another than the one that was asked for. */
  formOfTag?: (tag: RegisteredTag) => string | null;
  /** How long a conversation may be, as its job was asked. */
  contextOf: (config: JobDetail["config"]) => unknown;
  /** The longest name that a model can have there. */
  longestName: number;
  /** The name that it gets when nobody names it, where that is known before: of a job that is not there yet, and of one that is. */
  nameFor?: (jobName: string, form: string) => string;
  freeName?: (training: JobDetail, form: string, jobs: readonly JobDetail[], deployments: readonly DeploymentOut[]) => string;
}

type Target = DeploymentOut["target"];

const NUMBERS = ["f16", "q8_0", "f32"] as const;
const LONGEST_NAME = 200;

const PARTS: Partial<Record<Target, TargetParts>> = {
  llama_cpp: {
    forms: NUMBERS,
    isSpread: true,
    asked: (form) => ({ quantization: NUMBERS.find((one) => one === form) ?? NUMBERS[0] }),
    formOfJob: ({ inputs }, jobs) => String(jobs.find(({ id }) => id === inputs.export_job_id)?.config["outtype"] ?? NUMBERS[0]),
    contextOf: (config) => config["context"],
    longestName: LONGEST_NAME,
  },
  ollama: {
    forms: OLLAMA_FORMS,
    isSpread: false,
    asked: (form) => routeOf(ollamaForm(form)),
    formOfJob: ({ config }) => formOf(config),
    formOfTag,
    contextOf: (config) => config["num_ctx"],
    longestName: 242,
    nameFor: (jobName, form) => defaultTag(jobName, ollamaForm(form)),
    freeName: (training, form, jobs, deployments) => freeTag(training, ollamaForm(form), jobs, deployments),
  },
};

/** Of a target that nobody registered here: a name, and whatever it does by itself. */
const PLAIN: TargetParts = {
  forms: [],
  isSpread: true,
  asked: () => ({}),
  formOfJob: () => "",
  contextOf: (config) => config["context"],
  longestName: LONGEST_NAME,
};

export function partsOf(target: string): TargetParts {
  return PARTS[target as Target] ?? PLAIN;
}

/** The form that is meant: that one, where the target has it. */
export function formFor(target: string, form: string): string {
  const { forms } = partsOf(target);
  return forms.includes(form) ? form : (forms[0] ?? "");
}

/** How servers stand that are not ours, by target; those that are ours always work. Undefined: it is not known yet. */
export function useServers(): Partial<Record<string, OllamaStatus["state"] | "unknown">> {
  const ollama = useOllamaModels().data?.ollama.state ?? "unknown";
  return { ollama };
}

/** What belongs to one kind of file alone that can be made of what a training has left. */
export interface FileParts {
  /** What can be chosen, the usual first. */
  formats: readonly string[];
  /** A format as its job is asked for it, and back. */
  configOf: (format: string) => Record<string, string>;
  formatOf: (config: JobDetail["config"]) => string;
}

const FILE_PARTS = {
  gguf: {
    formats: ["merged:f16", "merged:q8_0", "merged:q4_K_M", "adapter:f16", "adapter:q8_0"],
    configOf: (format) => {
      const [target = "", outtype = ""] = format.split(":");
      return { target, outtype };
    },
    formatOf: (config) => `${config["target"]}:${config["outtype"]}`,
  },
  coreml: {
    formats: ["float16", "float32"],
    configOf: (precision) => ({ precision }),
    formatOf: (config) => String(config["precision"]),
  },
} as const satisfies Record<string, FileParts>;

export type FileKind = keyof typeof FILE_PARTS;

/** Kinds of files, in the order in which they are offered. */
export const FILE_KINDS = Object.keys(FILE_PARTS) as FileKind[];

export function isFileKind(way: string): way is FileKind {
  return way in FILE_PARTS;
}

export function fileParts(kind: FileKind): FileParts {
  return FILE_PARTS[kind];
}

function ollamaForm(form: string) {
  return OLLAMA_FORMS.find((one) => one === form) ?? OLLAMA_FORMS[0];
}
