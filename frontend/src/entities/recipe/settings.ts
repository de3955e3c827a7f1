import type { Words } from "@/lib/api/generated/types.gen";

/** What settings are about, in the order in which a form shows them. */
export const GROUPS = ["adapter", "pace", "data", "watch", "machine", "more"] as const;
export type Group = (typeof GROUPS)[number];

/** One setting of a recipe as a form needs it, drawn from the JSON Schema of the recipe. */
export interface Setting {
  name: string;
  kind: "integer" | "number" | "boolean" | "choice" | "text" | "list";
  title: Words;
  description: Words;
  group: Group;
  /** It matters enough to be in sight without opening anything. */
  isKey: boolean;
  /** Whether it may be left empty; then the recipe decides. */
  nullable: boolean;
  required: boolean;
  fallback: unknown;
  choices: readonly string[];
  /** Words that a number may be instead: `auto`. */
  words: readonly string[];
  /** What choices are called; format names such as bf16 stand for themselves. */
  choiceNames: Readonly<Record<string, Words | undefined>>;
  minimum?: number;
  maximum?: number;
  /** Bounds that are themselves not allowed. */
  above?: number;
  below?: number;
  /** Of a text its characters, of a list its entries. */
  shortest?: number;
  longest?: number;
}

type Schema = Readonly<Record<string, unknown>>;

/** The settings of a recipe in the order of its schema. What no form can show (an object) is left out. */
export function settingsOf(schema: Schema): Setting[] {
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  return Object.entries(asSchema(schema["properties"])).flatMap(([name, value]) => {
    const setting = settingOf(name, asSchema(value), required.has(name), asSchema(schema["$defs"]));
    return setting ? [setting] : [];
  });
}

function settingOf(name: string, schema: Schema, required: boolean, definitions: Schema): Setting | null {
  const forms = (Array.isArray(schema["anyOf"]) ? schema["anyOf"] : [schema]).map((one) =>
    resolved(asSchema(one), definitions),
  );
  const filled = forms.filter((one) => one["type"] !== "null");
  const [form, ...others] = filled;
  const kind = form ? kindOf(form) : null;
  if (!form || !kind) return null;
  const words = others.flatMap(choicesOf);
  const isNumberOrWord = (kind === "integer" || kind === "number") && words.length > 0 && others.every((one) => choicesOf(one).length > 0);
  if (others.length > 0 && !isNumberOrWord) return null;
  const english = text(schema["title"]) ?? name;
  const explained = text(schema["description"]) ?? "";
  return {
    name,
    kind,
    title: { en: english, ja: text(schema["title_ja"]) ?? english },
    description: { en: explained, ja: text(schema["description_ja"]) ?? explained },
    group: GROUPS.find((one) => one === schema["group"]) ?? "more",
    isKey: schema["key"] === true,
    nullable: filled.length < forms.length,
    required,
    fallback: schema["default"],
    choices: choicesOf(form),
    words,
    choiceNames: asSchema(schema["choices"]) as Setting["choiceNames"],
    minimum: number(form["minimum"]),
    maximum: number(form["maximum"]),
    above: number(form["exclusiveMinimum"]),
    below: number(form["exclusiveMaximum"]),
    shortest: number(form["minLength"] ?? form["minItems"]),
    longest: number(form["maxLength"] ?? form["maxItems"]),
  };
}

function kindOf(form: Schema): Setting["kind"] | null {
  if (choicesOf(form).length > 0) return "choice";
  switch (form["type"]) {
    case "integer":
    case "number":
    case "boolean":
      return form["type"];
    case "string":
      return "text";
    case "array":
      return asSchema(form["items"])["type"] === "string" ? "list" : null;
    default:
      return null;
  }
}

function choicesOf(form: Schema): string[] {
  const given = Array.isArray(form["enum"]) ? form["enum"] : "const" in form ? [form["const"]] : [];
  return given.every((one) => typeof one === "string") ? given : [];
}

function resolved(form: Schema, definitions: Schema): Schema {
  const name = text(form["$ref"])?.replace("#/$defs/", "");
  return name ? asSchema(definitions[name]) : form;
}

function asSchema(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
