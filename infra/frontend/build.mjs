/* Builds the front end into build/front, from where Django's staticfiles serve it.
 *
 * Every app may have a folder `frontend` with <app>.js and <app>.css; each becomes one file of the same name. Icons of
 * Tabler (MIT) and our own become one sprite, icons.svg, used as <use href="icons.svg#name">. */
import { build } from "esbuild";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { tablerIcons } from "./icons.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const target = path.join(root, "build", "front");
// Folders that hold apps; a department that is not begun yet has no folder in a fresh clone.
const containers = ["ehr", "clinical", "."].filter((folder) => existsSync(path.join(root, folder)));

async function appFolders() {
  const folders = [];
  for (const container of containers) {
    for (const entry of await readdir(path.join(root, container), { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(path.join(root, container, entry.name));
    }
  }
  return folders.filter((folder) => existsSync(path.join(folder, "frontend")) && existsSync(path.join(folder, "apps.py")));
}

async function entryPoints() {
  const points = {};
  for (const folder of await appFolders()) {
    const app = path.basename(folder);
    for (const kind of ["js", "css"]) {
      const source = path.join(folder, "frontend", `${app}.${kind}`);
      if (existsSync(source)) points[app] = [...(points[app] ?? []), source];
    }
  }
  return Object.entries(points).flatMap(([app, sources]) => sources.map((source) => ({ in: source, out: app })));
}

/** A symbol that takes its colour from the text around it; its drawing is whatever stands inside the svg element. */
function symbol(name, svg) {
  const box = svg.match(/viewBox="([^"]+)"/)[1];
  const attributes = [...svg.match(/<svg([^>]*)>/s)[1].matchAll(/(fill|stroke(?:-[a-z]+)?)="([^"]+)"/g)].map(([pair]) => pair);
  const drawing = svg.replace(/^.*?<svg[^>]*>/s, "").replace(/<\/svg>\s*$/, "").replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, "");
  return `<symbol id="${name}" viewBox="${box}" ${attributes.join(" ")}>${drawing.replace(/\s*\n\s*/g, "")}</symbol>`;
}

async function sprite() {
  const symbols = [];
  for (const [name, source] of Object.entries(tablerIcons)) {
    const file = path.join(root, "node_modules", "@tabler", "icons", "icons", "outline", `${source}.svg`);
    symbols.push(symbol(name, await readFile(file, "utf8")));
  }
  const own = path.join(root, "ehr", "ui", "frontend", "icons");
  for (const file of (await readdir(own)).sort()) {
    symbols.push(symbol(path.basename(file, ".svg"), await readFile(path.join(own, file), "utf8")));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
await build({
  entryPoints: await entryPoints(),
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome123", "firefox121", "safari17.5"],
  loader: { ".woff2": "file" },
  assetNames: "[name]",
  nodePaths: [path.join(root, "node_modules")],
  legalComments: "linked",
  logLevel: "info",
});
await writeFile(path.join(target, "icons.svg"), await sprite());
await writeFile(path.join(target, "favicon.svg"), await readFile(path.join(root, "ehr", "ui", "frontend", "favicon.svg")));
