/** Messages, as deep as they are: a message is no plain object, but a text, or what the build has made of one. */
export type Tree = { readonly [key: string]: unknown };

/** The part of `tree` that stands at these places. */
export function pick(tree: Tree, places: readonly string[]): Tree {
  return places.reduce((picked, place) => merged(picked, at(tree, place.split("."))), {} as Tree);
}

/** Both, the second over the first. */
export function merged(one: Tree, other: Tree): Tree {
  const entries = Object.entries(other).map(([key, value]) => {
    const before = one[key];
    return [key, isTree(before) && isTree(value) ? merged(before, value) : value];
  });
  return { ...one, ...Object.fromEntries(entries) };
}

function at(tree: Tree, [key = "", ...rest]: string[]): Tree {
  const found = tree[key];
  if (rest.length === 0) return { [key]: found };
  return { [key]: isTree(found) ? at(found, rest) : {} };
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
