// Fails when the loader or what the panel loads on first open outgrows its budget (gzip).
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const gzip = (file) => gzipSync(readFileSync(new URL(file, dist))).length;
const manifest = JSON.parse(readFileSync(new URL("manifest.json", dist), "utf8"));

/** The entry, its stylesheets and everything it imports statically. */
function firstOpen(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const imported of chunk.imports ?? []) firstOpen(imported, seen);
  return seen;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
// One language comes on top of the entry: count the largest.
const largestLanguage = Math.max(
  0,
  ...Object.values(manifest)
    .filter((chunk) => chunk.isDynamicEntry)
    .map((chunk) => gzip(chunk.file)),
);
const sizes = [
  { name: "loader", bytes: gzip("loader.js"), budget: 5 * 1024 },
  {
    name: "panel",
    bytes: [...firstOpen(entry)].reduce((sum, file) => sum + gzip(file), largestLanguage),
    budget: 60 * 1024,
  },
];
for (const { name, bytes, budget } of sizes) {
  console.log(`${name}: ${(bytes / 1024).toFixed(2)} KiB gzip of ${budget / 1024} KiB`);
}
if (sizes.some(({ bytes, budget }) => bytes > budget)) {
  console.error("The widget has outgrown its budget.");
  process.exit(1);
}
