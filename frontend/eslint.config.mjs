import { readdirSync } from "node:fs";

import next from "eslint-config-next/core-web-vitals";
import typescript from "eslint-config-next/typescript";

import { personsNames } from "./eslint/persons-names.mjs";

/** Rooms from the top down; each may import only what stands below it. */
const ROOMS = ["app", "views", "entities", "components", "lib"];

/** Entities from the top down; each may import only what stands below it, and of the others what their answers are kept under. */
const ENTITIES = ["webhook", "target", "ollama", "model", "chat", "evaluation", "job", "forecast", "course", "dataset", "recipe", "system", "label"];
const KEYS = "./keys.ts";

const folders = (room) =>
  readdirSync(new URL(`src/${room}`, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

const views = folders("views");
const placeless = folders("entities").filter((name) => !ENTITIES.includes(name));
if (placeless.length > 0) throw new Error(`Entities without a place in ENTITIES: ${placeless.join(", ")}.`);

const zones = [
  ...ROOMS.flatMap((room, level) =>
    ROOMS.slice(0, level).map((above) => ({
      target: `./src/${room}`,
      from: `./src/${above}`,
      message: `${room} stands below ${above}: app → views → entities → components → lib.`,
    })),
  ),
  ...ENTITIES.flatMap((entity, level) =>
    ENTITIES.slice(0, level).map((above) => ({
      target: `./src/entities/${entity}`,
      from: `./src/entities/${above}`,
      except: [KEYS],
      message: `${entity} stands below ${above}: ${ENTITIES.join(" → ")}.`,
    })),
  ),
  ...views.map((view) => ({
    target: `./src/views/${view}`,
    from: "./src/views",
    except: [`./${view}`],
    message: "A view imports no other view; what both need belongs to entities or components.",
  })),
];

const config = [
  { ignores: [".next/", ".pages/", "node_modules/", "src/lib/api/generated/", "next-env.d.ts"] },
  ...next,
  ...typescript,
  {
    files: ["**/*.{ts,tsx}"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: {
      "import/no-restricted-paths": ["error", { basePath: import.meta.dirname, zones }],
      "import/no-default-export": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: ":matches(MemberExpression[property.name='isComposing'], Literal[value=229])",
          message: "lib/keys.ts alone knows of input methods: no other part is told of their keys.",
        },
        {
          selector: "JSXOpeningElement[name.name='Kbd'] > JSXAttribute[name.name='keys'] > JSXExpressionContainer",
          message: "Keys that an action has are drawn by Shortcut: it knows whether a person has switched them off.",
        },
        {
          selector: "LogicalExpression:has(> LogicalExpression > UnaryExpression[operator='!']) > JSXElement[openingElement.name.name='ProblemState']",
          message: "An error stands beside what was there, never instead of it, and is not hidden by it: QueryBoundary.",
        },
        { selector: "ExportAllDeclaration", message: "No barrels: import from the file that holds it." },
        {
          selector: "Property[key.name='structuralSharing'][value.type=/Function|Identifier/]",
          message: "sharedAfter (lib/api/sharing.ts): what is equal must stay the same object, or a page draws for ever.",
        },
      ],
      "max-lines": ["error", { max: 250 }],
    },
  },
  {
    files: ["src/**/*.tsx"],
    ignores: ["src/**/*.test.tsx", "src/app/global-error.tsx"],
    rules: {
      "react/jsx-no-literals": ["error", { noStrings: true, ignoreProps: true, allowedStrings: ["llmlora", "q8_0", "·", "/", "–"] }],
    },
  },
  {
    files: ["src/**/*.tsx"],
    ignores: ["src/**/*.test.tsx"],
    plugins: { llmlora: personsNames },
    rules: { "llmlora/persons-names": "error" },
  },
  {
    files: ["src/**/*.tsx"],
    ignores: ["src/**/*.test.tsx", "src/lib/api/address.tsx"],
    rules: {
      "no-restricted-imports": [
        "error",
        { paths: [{ name: "@/lib/api/client", importNames: ["apiUrl"], message: "What is drawn takes useApiUrl or useApiLink (lib/api/address): on the server, apiUrl names the way from there." }] },
      ],
    },
  },
  {
    files: ["src/lib/keys.ts", "src/**/*.test.{ts,tsx}"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    files: ["src/app/**/*.{ts,tsx}", "src/lib/i18n/{request,format-message}.ts"],
    rules: { "import/no-default-export": "off" },
  },
];

export default config;
