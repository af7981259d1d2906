import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeAll, expect, it } from "vitest";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { repositoryFile, type Started, scratchFolder, sluice, startProgram } from "./cli-process.js";

let folder = "";
let remove = async (): Promise<void> => {};
let local: Started | undefined;
let database: ScratchDatabase;
let readme = "";

beforeAll(async () => {
  readme = await readFile(repositoryFile("README.md"), "utf8");
});
/** Names in the README are given once: each try begins with nothing. */
async function open(): Promise<void> {
  ({ folder, remove } = await scratchFolder());
  database = await scratchDatabase();
  await database.query("CREATE TABLE orders (id INT PRIMARY KEY, amount DECIMAL(10,2), day CHAR(8))");
  await database.query("INSERT INTO orders SELECT seq, seq / 4, '20260101' FROM seq_1_to_500");
  local = startProgram("sluice", ["local"], { folder });
  await local.says("Ctrl-C");
}
afterEach(async () => {
  if (!local) return;
  local.interrupt();
  await local.finished;
  local = undefined;
  await Promise.all([database.drop(), remove()]);
});

/** The README's commands, word by word, without comments. */
function commands(): string[][] {
  const lines = readme.split("\n").filter((line) => line.startsWith("sluice "));
  return lines.map((line) =>
    [...line.replace(/\s+#.*$/, "").matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? "").slice(1),
  );
}

it("The README's job runs with the README's commands", async () => {
  await open();
  const [job] = /(?<=```json\n)[^`]+(?=```)/.exec(readme) ?? [];
  await writeFile(path.join(folder, "job.json"), job ?? "");
  const { accessId, accessKey, endpoint } = await ossKeys();
  const env = { SHOP_PASSWORD: database.source.password, LAKE_KEY: accessKey };
  const lake: Record<string, string> = {
    "endpoint=https://oss-cn-hangzhou.aliyuncs.com": `endpoint=${endpoint}`,
    "bucket=shop-lake": "bucket=sluice-dev-landing",
    "accessId=LTAI5tExample": `accessId=${accessId}`,
  };
  let run = "";
  for (const words of commands()) {
    const here = words.flatMap((word) => place(word, run)).map((word) => lake[word] ?? word);
    const isJob = ["plan", "run"].includes(words[0] ?? "");
    const result = await sluice([...here, ...(isJob ? ["-p", "bizdate=20260101"] : [])], { folder, env });
    expect(result, words.join(" ")).toMatchObject({ code: 0 });
    run = /run (r\w+): succeeded/.exec(result.out)?.[1] ?? run;
  }
  expect(run).not.toBe("");
  expect(commands().map(([name]) => name)).toEqual(["source", "source", "plan", "run", "dirty", "job"]);
});

/** The README's invented names, replaced by what is really here. */
function place(word: string, run: string): string[] {
  const { host, port, database: name, username } = database.source;
  const real: Record<string, string[]> = {
    "host=db.example.com": [`host=${host}`, "--set", `port=${port}`],
    "database=shop": [`database=${name}`],
    "username=reader": [`username=${username}`],
    "<run>": [run],
  };
  return real[word] ?? [word];
}

async function ossKeys() {
  const file = JSON.parse(await readFile(path.join(folder, ".sluice/credentials.json"), "utf8"));
  const { endpoints, credentials } = file;
  return { endpoint: endpoints.oss, accessId: credentials.accessKeyId, accessKey: credentials.accessKeySecret };
}
