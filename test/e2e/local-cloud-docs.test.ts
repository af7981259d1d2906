import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../servers/server-process.js";
import { repositoryFile, type Started, scratchFolder, sluice, startProgram } from "./cli-process.js";

let page = "";
let folder = "";
let remove = async (): Promise<void> => {};
let local: Started;

beforeAll(async () => {
  page = await readFile(repositoryFile("docs/local-cloud.md"), "utf8");
  ({ folder, remove } = await scratchFolder());
  local = startProgram("sluice", ["local"], { folder });
  await local.says("Ctrl-C");
});
afterAll(async () => {
  local.interrupt();
  await local.finished;
  await remove();
});

/** The page's commands, word by word. */
function commands(): string[][] {
  const lines = page.split("\n").filter((line) => line.startsWith("sluice local"));
  return lines.map((line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? "").slice(1));
}

const isStart = (words: readonly string[]) => words.slice(1).every((word) => /^--|^\d+$/.test(word));
const ours = (args: readonly string[]) => sluice(args, { folder });
const control = async () => JSON.parse(await readFile(path.join(folder, ".sluice/running.json"), "utf8")).control;

describe("docs/local-cloud.md", () => {
  it("shows commands that give orders, and the local cloud takes each of them", async () => {
    const orders = commands().filter((words) => !isStart(words));
    expect(orders.length).toBeGreaterThan(15);
    for (const words of orders) expect(await ours(words), words.join(" ")).toMatchObject({ code: 0, err: "" });
    expect(await ours(["local", "fault", "clear"])).toMatchObject({ out: "nothing is planned\n" });
  });

  it("shows how other programs use the SDKs", async () => {
    const [script = ""] = /(?<=```js\n)[\s\S]+?(?=```)/.exec(page) ?? [];
    await writeFile(path.join(folder, "example.cjs"), script);
    const env = { ...process.env, NODE_PATH: repositoryFile("node_modules") };
    const { stdout } = await promisify(execFile)(process.execPath, ["example.cjs"], { cwd: folder, env });
    expect(stdout).toMatch(/^hello 0$/m);
  });

  it("shows ways to start it, and each starts", async () => {
    const starts = commands().filter(isStart);
    expect(starts).toHaveLength(4);
    const other = await scratchFolder();
    for (const words of starts) {
      const real = await Promise.all(words.map(async (word) => (/^\d+$/.test(word) ? String(await freePort()) : word)));
      const started = startProgram("sluice", real, { folder: other.folder });
      await started.says("Ctrl-C");
      for (const port of real.filter((word) => /^\d+$/.test(word))) await started.says(`:${port}`);
      started.interrupt();
      expect(await started.finished, words.join(" ")).toMatchObject({ code: 0 });
    }
    await other.remove();
  });
});

describe("orders to the local cloud", () => {
  it("lists what is planned, and faults hit the calls that they name", async () => {
    await ours(["local", "fault", "clear"]);
    await ours(["local", "fault", "add", "tablestore", "GetRange", "delay", "--ms", "700"]);
    await ours(["local", "kill", "shard", "--at", "oss:PutObject", "--before", "--count", "3"]);
    const { out } = await ours(["local", "fault", "list"]);
    expect(out).toMatch(/delay +tablestore:GetRange +1 call/);
    expect(out).toMatch(/kills sluice-dev-shard before +oss:PutObject +call 3/);
    expect(await ours(["runs"])).toMatchObject({ code: 0 });
    const { faults, kills } = JSON.parse((await ours(["local", "fault", "list", "--json"])).out);
    expect(faults).toEqual([]);
    expect(kills).toHaveLength(1);
    await ours(["local", "fault", "clear"]);
  });

  it("kills the instance that comes to a point, and the run ends all the same", async () => {
    await ours(["local", "fault", "clear"]);
    await ours(["local", "kill", "shard", "--at", "tablestore:PutRow", "--containing", '"state":"done"']);
    expect(await ours(["run", repositoryFile("examples/stream.json")])).toMatchObject({ code: 0 });
    expect((await ours(["local", "fault", "list"])).out).toBe("nothing is planned\n");
  });

  it("moves the clock", async () => {
    const { out } = await ours(["local", "clock", "set", "2030-01-31T23:59:00Z"]);
    expect(out).toContain("2030-01-31T23:59:00.000Z");
    expect((await ours(["local", "clock", "advance", "2m"])).out).toContain("2030-02-01T00:01:00.000Z");
    const today = () => new Date().toISOString().slice(0, 10);
    const days = [today()];
    const { out: real } = await ours(["local", "clock", "real"]);
    days.push(today());
    expect(days.some((day) => real.includes(day))).toBe(true);
  });

  it("refuses what makes no sense and exits with 2", async () => {
    for (const words of [
      ["kill", "nobody"],
      ["kill", "nobody", "--at", "oss:PutObject"],
      ["tick", "never"],
      ["fault", "add", "sql", "PutRow", "503"],
      ["fault", "add", "oss", "PutObject", "404"],
      ["clock", "advance", "soon"],
      ["clock", "set", "later"],
      ["deliver-twice", "maybe"],
      ["kill", "shard", "--at", "PutRow"],
    ])
      expect(await ours(["local", ...words]), words.join(" ")).toMatchObject({ code: 2 });
    const elsewhere = await scratchFolder();
    const alone = await sluice(["local", "fault", "list"], { folder: elsewhere.folder });
    expect(alone).toMatchObject({ code: 2, err: expect.stringContaining("no local cloud runs on") });
    await elsewhere.remove();
  });

  it("does not take orders without the token of this start, nor with other keys", async () => {
    const { endpoint, token } = await control();
    const { credentials, api } = JSON.parse(await readFile(path.join(folder, ".sluice/credentials.json"), "utf8"));
    const order = (authorization: string, body = '{"do":"listFaults"}') =>
      fetch(endpoint, { method: "POST", headers: { authorization }, body }).then(({ status }) => status);
    expect(await order(`Bearer ${token}`)).toBe(200);
    expect(await order(`Bearer ${token}`, '{"do":"format"}')).toBe(400);
    for (const key of ["", api.token, credentials.accessKeySecret, credentials.securityToken])
      expect(await order(`Bearer ${key}`)).toBe(401);
  });
});
