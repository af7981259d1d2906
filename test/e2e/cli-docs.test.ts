import { execFile } from "node:child_process";
import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { repositoryFile, type Started, scratchFolder, sluice, startProgram } from "./cli-process.js";

let page = "";
let folder = "";
let remove = async (): Promise<void> => {};
let local: Started;
let database: ScratchDatabase;

beforeAll(async () => {
  page = await readFile(repositoryFile("docs/cli.md"), "utf8");
  ({ folder, remove } = await scratchFolder());
  database = await scratchDatabase();
  await cp(repositoryFile("examples"), path.join(folder, "examples"), { recursive: true });
  await mkdir(path.join(folder, "bin"));
  const command = path.join(folder, "bin/sluice");
  await writeFile(command, `#!/bin/sh\nexec "${process.execPath}" "${repositoryFile("dist/cli/sluice.js")}" "$@"\n`);
  await chmod(command, 0o755);
  local = startProgram("sluice", ["local"], { folder });
  await local.says("Ctrl-C");
});
afterAll(async () => {
  local.interrupt();
  await local.finished;
  await Promise.all([database.drop(), remove()]);
});

const blocks = (language: string): string[] =>
  [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(([, of]) => of === language).map(([, , text = ""]) => text);

/** The page's invented database, replaced by the one that is here; nobody sits at a terminal to type its password. */
function here(block: string): string {
  const { host, port, database: name, username } = database.source;
  return block
    .replace("host=db1.example.com", `host=${host}`)
    .replace("port=3306", `port=${port}`)
    .replace("database=shop", `database=${name}`)
    .replace("username=sync", `username=${username}`)
    .replace("--secret password", "--secret-env password=SHOP_PASSWORD");
}

async function shell(script: string): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("SLUICE_"));
  const env = {
    ...Object.fromEntries(inherited),
    PATH: `${path.join(folder, "bin")}:${process.env.PATH}`,
    SHOP_PASSWORD: database.source.password,
  };
  return (await promisify(execFile)("bash", ["-euc", script], { cwd: folder, env })).stdout;
}

it("Each command that docs/cli.md shows does its work", async () => {
  const examples = blocks("");
  expect(examples.length).toBeGreaterThan(6);
  const said: string[] = [];
  for (const block of examples) said.push(await shell(here(block)));
  expect(said.join("\n").match(/: succeeded/g)).toHaveLength(2);
  const { items } = JSON.parse(await shell("sluice job list --json"));
  expect(items.map(({ name }: { name: string }) => name).sort()).toEqual(["nightly", "on_upload"]);
  expect(await shell("sluice source list --name shop_db")).toMatch(/^shop_db +mysql +ok /m);
  await shell("sluice local fault clear");
});

it("docs/cli.md shows a mistake as the command does", async () => {
  const [excerpt = ""] = blocks("text");
  const [, place = "", line = ""] = /^job\.json:(\d+:\d+): .*\n +\d+ \| (.*)$/m.exec(excerpt) ?? [];
  const head = '{\n"type": "job", "version": "2.0", "steps": [\n{ "stepType": "mysql", "category": "reader",';
  const rest = '} }, { "stepType": "stream", "category": "writer", "name": "Writer", "parameter": {} }],';
  const tail = '"order": { "hops": [{ "from": "Reader", "to": "Writer" }] } }';
  const lines = [...head.split("\n"), '"name": "Reader", "parameter": { "datasource": "a", "table": ["t"],', "", ""];
  while (lines.length < Number(place.split(":")[0]) - 1) lines.push("");
  await writeFile(path.join(folder, "job.json"), [...lines, line, rest, tail].join("\n"));
  const { code, out, err } = await sluice(["validate", "job.json"], { folder });
  expect(code).toBe(2);
  expect(`${out}${err}`).toContain(excerpt.trimEnd());
});
