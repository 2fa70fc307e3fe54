// Builds everything a browser gets into static/dist: hashed names, a manifest, and a gzip twin
// of each file, so that an office network with slow links loads the first page once and quickly.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const target = path.join(root, "static", "dist");
const fresh = `${target}.new`;
const icons = path.join(here, "node_modules", "@tabler", "icons", "icons", "outline");

// Older browsers of school offices: what Tabler itself asks for (light-dark, relative colours).
const browsers = ["chrome123", "firefox128", "safari17.5"];

// An error text of Socket.IO's client links to its web site. Nothing we send names another host.
const withoutLinks = {
  name: "without-links",
  setup(build) {
    build.onLoad({ filter: /socket\.io-client\/build\/.*\/socket\.js$/ }, async ({ path: file }) => ({
      contents: (await readFile(file, "utf8")).replace(/ \(more information here: [^)]*\)/, ""),
      loader: "js",
    }));
  },
};

async function bundle() {
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: {
      app: "src/app.js",
      wall: "src/wall.js",
      watch: "src/wall-watch.js",
      webcam: "src/webcam.js",
      style: "src/app.css",
    },
    bundle: true,
    minify: true,
    format: "iife",
    target: browsers,
    entryNames: "[name]-[hash]",
    outdir: fresh,
    legalComments: "none",
    plugins: [withoutLinks],
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  const names = {};
  for (const [file, facts] of Object.entries(result.metafile.outputs)) {
    const source = facts.entryPoint && path.basename(facts.entryPoint);
    if (source) names[source] = path.basename(file);
  }
  return { names, files: result.outputFiles.map((f) => [path.basename(f.path), f.contents]) };
}

async function* templates(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* templates(full);
    else if (entry.name.endsWith(".html")) yield full;
  }
}

async function iconNames() {
  const names = new Set(JSON.parse(await readFile(path.join(here, "icons.json"), "utf8")).names);
  for await (const file of templates(path.join(root, "templates"))) {
    const text = await readFile(file, "utf8");
    for (const [, name] of text.matchAll(/\bicon\(\s*["']([a-z0-9-]+)["']/g)) names.add(name);
  }
  return [...names].sort();
}

async function symbol(name) {
  const file = path.join(icons, `${name}.svg`);
  const svg = await readFile(file, "utf8").catch(() => {
    throw new Error(`There is no icon called "${name}"; choose one of @tabler/icons (outline).`);
  });
  const shapes = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"));
  const drawn = shapes.replace(/<path stroke="none"[^>]*\/>/, "").replace(/\s+/g, " ").trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${drawn}</symbol>`;
}

async function sprite() {
  const symbols = await Promise.all((await iconNames()).map(symbol));
  const text = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  return [`icons-${hash}.svg`, Buffer.from(text)];
}

async function main() {
  const { names, files } = await bundle();
  const [spriteName, spriteText] = await sprite();
  names["icons.svg"] = spriteName;
  files.push([spriteName, spriteText]);
  files.push(["manifest.json", Buffer.from(`${JSON.stringify(names, null, 2)}\n`)]);

  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const squeeze = promisify(gzip);
  for (const [name, contents] of files) {
    await writeFile(path.join(fresh, name), contents);
    if (name !== "manifest.json") {
      await writeFile(path.join(fresh, `${name}.gz`), await squeeze(contents, { level: 9 }));
    }
  }
  // A running server must never see half a build.
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
  console.error(`Built ${files.length} files into static/dist`);
}

await main();
