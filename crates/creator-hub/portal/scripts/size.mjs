// Fails when the script of the first load (log in, or any page's shell) or of any single page is
// larger than allowed. Sizes are gzip at the default level, in bytes.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const FIRST_LOAD_LIMIT = 200 * 1024;

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** The chunk and all it imports statically: what the browser must have before it runs. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

const sizes = new Map();
function size(key) {
  if (!sizes.has(key)) sizes.set(key, gzipSync(readFileSync(new URL(manifest[key].file, dist))).length);
  return sizes.get(key);
}
const total = (keys) => [...keys].reduce((sum, key) => sum + size(key), 0);
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const first = closure(entry);
let worst = total(first);
console.log(`first load  ${kib(worst)}`);
for (const [key, chunk] of Object.entries(manifest)) {
  if (!chunk.isDynamicEntry) continue;
  const withPage = total(new Set([...first, ...closure(key)]));
  worst = Math.max(worst, withPage);
  console.log(`  with ${key.replace(/^src\//, "")}  ${kib(withPage)}`);
}
if (worst > FIRST_LOAD_LIMIT) {
  console.error(`too large: ${kib(worst)}, allowed ${kib(FIRST_LOAD_LIMIT)}`);
  process.exit(1);
}
