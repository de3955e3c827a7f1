import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const PAGE = "page.tsx";
/** What stands around every page. */
const FRAME = ["layout.tsx", "error.tsx", "not-found.tsx"];
const IMPORTS = /(?:^|\n)\s*(?:import|export)\s+(?!type\s)[^;"']*?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s+["']([^"']+)["']/g;
const SPEAKS = /\buseTranslations(?:<[^>]*>)?\(\s*([^)]*?)\s*\)/g;
const LITERAL = /^["']([\w.]+)["']$/;
const STRINGS = /["']([a-zA-Z]\w*(?:\.\w+)*)["']/g;

/** Which messages parts speak in the browser, as places in the tree of messages: by route, and of the frame around all. */
export interface Spoken {
  frame: string[];
  routes: Record<string, string[]>;
}

/**
 * Read off the sources, so that nobody keeps a list: everything that a page imports, at once or later, and the
 * namespaces that it names. Those of the frame are left out of the routes.
 *
 * Throws where a page does not say whose words it brings, or a part does not name its namespace anywhere in its file.
 */
export function spokenIn(frontend: string): Spoken {
  const src = join(frontend, "src");
  const messages = messagesOf(join(frontend, "messages", "ja"));
  const files = new Map<string, { imports: string[]; places: string[] }>();
  const app = join(src, "app");
  const read = (file: string) => {
    const known = files.get(file);
    if (known) return known;
    const found = partsOf(file, src, messages);
    files.set(file, found);
    return found;
  };
  const from = (roots: string[]) => {
    const seen = new Set<string>();
    const left = [...roots];
    for (let file = left.pop(); file !== undefined; file = left.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      left.push(...read(file).imports);
    }
    return outermost([...seen].flatMap((file) => read(file).places));
  };
  const frame = from(FRAME.map((name) => join(app, name)).filter((file) => existsSync(file)));
  const pages = readdirSync(app, { recursive: true, encoding: "utf8" }).filter((name) => name === PAGE || name.endsWith(`/${PAGE}`));
  const routes = pages.sort().map((name): [string, string[]] => {
    const route = `/${name.slice(0, -PAGE.length).replace(/\/$/, "")}`;
    const file = join(app, name);
    if (!readFileSync(file, "utf8").includes(`of="${route}"`)) throw new Error(`src/app/${name}: the page brings no words. Put its parts into <Words of="${route}">.`);
    return [route, from([file]).filter((place) => !frame.some((one) => isWithin(place, one)))];
  });
  return { frame, routes: Object.fromEntries(routes) };
}

function partsOf(file: string, src: string, messages: object): { imports: string[]; places: string[] } {
  const text = readFileSync(file, "utf8");
  const imports = [...text.matchAll(IMPORTS)].flatMap(([, one, other, bare]) => fileOf(one ?? other ?? bare ?? "", file, src));
  const places = [...text.matchAll(SPEAKS)].flatMap(([, argument = ""]) => {
    const literal = LITERAL.exec(argument)?.[1];
    if (literal !== undefined) return [literal];
    const named = [...text.matchAll(STRINGS)].flatMap(([, place = ""]) => (isPlace(place, messages) ? [place] : []));
    if (named.length === 0) throw new Error(`${relative(src, file)}: useTranslations(${argument}): which messages these are has to stand in this file.`);
    return named;
  });
  return { imports, places };
}

function fileOf(specifier: string, from: string, src: string): string[] {
  if (!/^(@\/|\.)/.test(specifier)) return [];
  const path = specifier.startsWith("@/") ? join(src, specifier.slice(2)) : join(dirname(from), specifier);
  return [`${path}.tsx`, `${path}.ts`].filter((one) => existsSync(one)).slice(0, 1);
}

function messagesOf(folder: string): object {
  const names = readdirSync(folder).map((name) => name.slice(0, -".json".length));
  return Object.fromEntries(names.map((name) => [name, JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as object]));
}

function isPlace(place: string, messages: object): boolean {
  let at: unknown = messages;
  for (const key of place.split(".")) at = typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined;
  return typeof at === "object" && at !== null;
}

/** Without those that stand within others. */
function outermost(places: string[]): string[] {
  const each = [...new Set(places)].sort();
  return each.filter((place) => !each.some((other) => other !== place && isWithin(place, other)));
}

function isWithin(place: string, other: string): boolean {
  return place === other || place.startsWith(`${other}.`);
}
