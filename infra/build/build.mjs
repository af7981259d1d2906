// Builds everything that runs outside the tests into dist/:
//   dist/functions/  one CommonJS file per function plus chunks that are loaded at first use (connectors, SDKs)
//   dist/local/      the process in which the local cloud runs a function instance
//   dist/cli/        the `sluice` command and the demo
//   dist/bench/      the benchmark
//   dist/deploy/     the writer of the RAM policies
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { englishOnly, shortNames, unusedClients } from "./slim.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
// proxy-agent and the vm-based parts of urllib are optional and never loaded by our calls.
const external = ["proxy-agent", "classic-level", "@serverless-devs/s"];
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  external,
  logLevel: "warning",
  legalComments: "none",
  // Its default entry loads its parts by computed names, which cannot be bundled.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
};

/** Code splitting exists for ES modules only: bundle those, then turn each file into CommonJS, which FC loads fastest. */
async function buildFunctions() {
  const out = path.join(root, "dist/functions");
  const staging = `${out}.${process.pid}`;
  const names = readdirSync(path.join(root, "functions")).filter((name) =>
    existsSync(path.join(root, `functions/${name}/handler.ts`)),
  );
  const entryPoints = Object.fromEntries(names.map((name) => [name, `functions/${name}/handler.ts`]));
  const { outputFiles } = await build({
    ...common,
    entryPoints,
    format: "esm",
    splitting: true,
    plugins: [englishOnly, shortNames, unusedClients],
    minifySyntax: true,
    minifyWhitespace: true,
    chunkNames: "chunks/[name]-[hash]",
    outdir: out,
    write: false,
  });
  await mkdir(path.join(staging, "chunks"), { recursive: true });
  await Promise.all(
    outputFiles.map((file) => writeCommonJs(path.join(staging, path.relative(out, file.path)), file.text)),
  );
  await writeFile(path.join(staging, "package.json"), '{"type":"commonjs"}\n');
  await rm(out, { recursive: true, force: true });
  await rename(staging, out);
}

async function writeCommonJs(file, text) {
  const { code } = await transform(text, {
    format: "cjs",
    platform: "node",
    target: "node20",
    // import() of a chunk becomes a lazy require().
    supported: { "dynamic-import": false },
    minifyWhitespace: true,
    logLevel: "error",
  });
  // The Tablestore SDK assigns undeclared variables: its code must not become strict.
  await writeFile(file, code.replace(/^"use strict";/, ""));
}

async function buildPrograms() {
  const programs = {
    "local/worker": "infra/local/fc/worker.ts",
    "cli/sluice": "infra/cli/sluice.ts",
    "cli/demo": "infra/cli/demo.ts",
    "bench/bench": "test/bench/bench.ts",
    "deploy/write-policies": "infra/deploy/write-policies.ts",
  };
  const present = Object.entries(programs).filter(([, file]) => existsSync(path.join(root, file)));
  await build({
    ...common,
    entryPoints: Object.fromEntries(present),
    format: "cjs",
    outdir: path.join(root, "dist"),
    define: { "import.meta.url": "importMetaUrl", "import.meta.dirname": "__dirname" },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
  const command = path.join(root, "dist/cli/sluice.js");
  if (!existsSync(command)) return;
  const text = await readFile(command, "utf8");
  if (!text.startsWith("#!")) await writeFile(command, `#!/usr/bin/env node\n${text}`);
  await chmod(command, 0o755);
}

await mkdir(path.join(root, "dist"), { recursive: true });
await Promise.all([buildFunctions(), buildPrograms()]);
if (process.argv.includes("--list"))
  console.log(readdirSync(path.join(root, "dist/functions"), { recursive: true }).join("\n"));
