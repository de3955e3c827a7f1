/** After `next build`: put the static files where the standalone server looks for them. */
import { cpSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = `${root}.next/standalone/`;

cpSync(`${root}.next/static`, `${target}.next/static`, { recursive: true });
if (existsSync(`${root}public`)) cpSync(`${root}public`, `${target}public`, { recursive: true });
