import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { callApi } from "../servers/call-api.js";
import { patience } from "../servers/pace.mjs";
import { job } from "../servers/sluice.js";

const root = path.resolve(import.meta.dirname, "../..");
let home = "";
let local: ChildProcess;
let said = "";
let api: { endpoint: string; token: string };

/** An installation of its own, as users have one, so that its functions may be changed. */
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), "sluice-watch-"));
  for (const part of ["dist/cli", "dist/local", "dist/functions", "s.yaml", "package.json"])
    await cp(path.join(root, part), path.join(home, part), { recursive: true });
  await symlink(path.join(root, "node_modules"), path.join(home, "node_modules"));
  const environment = Object.entries(process.env).filter(([name]) => !/^(SLUICE_|VITEST)/.test(name));
  local = spawn(process.execPath, [path.join(home, "dist/cli/sluice.js"), "local", "--watch"], {
    cwd: home,
    env: Object.fromEntries(environment),
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [local.stdout, local.stderr])
    stream?.on("data", (data: Buffer) => {
      said += data;
    });
  await vi.waitFor(() => expect(said).toContain("Ctrl-C stops it"), patience(10_000));
  ({ api } = JSON.parse(await readFile(path.join(home, ".sluice/credentials.json"), "utf8")));
});
afterAll(async () => {
  local.kill("SIGINT");
  if (local.exitCode === null) await once(local, "exit");
  await rm(home, { recursive: true, force: true });
});

async function call(url: string, body?: object) {
  const method = body ? "POST" : "GET";
  return (await callApi({ ...api, method, url, body })).body;
}

/** What a build does: a new folder in place of the old one. One sentence of the API's is another in it. */
async function buildAgain(from: string, to: string): Promise<void> {
  const functions = path.join(home, "dist/functions");
  const staging = `${functions}.new`;
  await cp(functions, staging, { recursive: true });
  let changed = 0;
  for (const name of await readdir(staging, { recursive: true })) {
    if (!name.endsWith(".js")) continue;
    const text = await readFile(path.join(staging, name), "utf8");
    if (!text.includes(from)) continue;
    await writeFile(path.join(staging, name), text.replaceAll(from, to));
    changed++;
  }
  expect(changed).toBeGreaterThan(0);
  await rm(functions, { recursive: true });
  await rename(staging, functions);
}

test("functions that were built again answer anew, while a run that was under way ends with the old ones", async () => {
  const detail = async () => (await call("/v1/runs/nothing")).detail;
  expect(await detail()).toContain("there is no run");
  // Eight seconds of work: 8 MB at 1 MB/s.
  const reader = { sliceRecordCount: 4000, column: [{ type: "string", value: "x".repeat(1000) }] };
  const speed = { concurrent: 2, throttle: true, mbps: "1" };
  const script = job(["stream", reader], ["stream", { print: false }], { speed });
  const { id } = await call("/v1/runs", { script, parameters: {} });
  const run = async () => (await call(`/v1/runs/${id}`)).run;
  await expect.poll(async () => (await run()).state).toBe("running");
  await buildAgain("there is no run", "nowhere is a run");
  await expect.poll(detail).toContain("nowhere is a run");
  expect(said).toContain("the functions have changed and are loaded anew");
  expect((await run()).state).toBe("running");
  await expect.poll(async () => (await run()).state).toBe("succeeded");
  const splits: readonly { attempt: number }[] = (await call(`/v1/runs/${id}`)).splits;
  expect(splits.map(({ attempt }) => attempt)).toEqual([1, 1]);
  expect((await run()).counters).toMatchObject({ read: 8000, written: 8000 });
});
