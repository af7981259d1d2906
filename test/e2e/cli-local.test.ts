import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import OSS from "ali-oss";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Finished, repositoryFile, type Started, scratchFolder, sluice, startProgram } from "./cli-process.js";
import { fresh } from "./fresh.js";

describe("sluice local and the commands beside it", () => {
  let folder = "";
  let remove = async (): Promise<void> => {};
  let local: Started;
  const run = (
    args: readonly string[],
    more: { env?: Record<string, string>; input?: string } = {},
  ): Promise<Finished> => sluice(args, { folder, ...more });

  beforeAll(async () => {
    ({ folder, remove } = await scratchFolder());
  });
  beforeEach(async () => {
    if (local && (await Promise.race([local.finished, "runs"])) === "runs") return;
    local = startProgram("sluice", ["local"], { folder });
    await local.says("Ctrl-C stops it");
  });
  afterAll(async () => {
    local.interrupt();
    await local.finished;
    await remove();
  });

  const cloud = async () => JSON.parse(await readFile(path.join(folder, ".sluice/credentials.json"), "utf8"));

  /** Five orders of which two are broken, in a bucket; and a data source that leads there, whose name it answers. */
  async function uploadOrders(): Promise<string> {
    const till = fresh("till");
    const bucket = till.replace("_", "-");
    const { endpoints, credentials } = await cloud();
    const { accessKeyId, accessKeySecret } = credentials;
    const options = { endpoint: endpoints.oss, accessKeyId, accessKeySecret, bucket, sldEnable: true };
    const oss = new OSS(options as OSS.Options);
    await oss.putBucket(bucket);
    await oss.put("orders.csv", Buffer.from("1,a\n2,b\nthree,c\n4,d\nfive,e\n"));
    const set = Object.entries({ endpoint: endpoints.oss, bucket, accessId: accessKeyId });
    const added = await run(
      [
        ...["source", "add", till, "--type", "oss", "--test", "--secret-env", "accessKey=KEY"],
        ...set.flatMap(([name, value]) => ["--set", `${name}=${value}`]),
      ],
      { env: { KEY: accessKeySecret } },
    );
    expect(added).toMatchObject({ code: 0, out: expect.stringContaining(`${till}: reachable`) });
    return till;
  }

  /** A job over the orders of a data source. */
  function ordersJob(limit: number, datasource: string): string {
    const column = [
      { index: 0, type: "long" },
      { index: 1, type: "string" },
    ];
    return JSON.stringify({
      job: {
        content: [
          {
            reader: {
              name: "oss",
              parameter: { datasource, object: ["orders.csv"], fileFormat: "csv", column },
            },
            writer: { name: "stream", parameter: { print: false } },
          },
        ],
        setting: { speed: { channel: 1 }, errorLimit: { record: limit } },
      },
    });
  }

  it("is found by other commands in the same folder; a second start is refused and told by whom", async () => {
    expect(await run(["run", repositoryFile("examples/stream.json")])).toMatchObject({ code: 0, err: "" });
    const second = await run(["local"]);
    expect(second.code).toBe(2);
    expect(second.err).toMatch(
      new RegExp(`already runs: process ${local.pid} uses it and answers at http://127.0.0.1`),
    );
  });

  it("is reached with the endpoint and the token that it prints, from any folder", async () => {
    const { api } = await cloud();
    const env = { SLUICE_ENDPOINT: api.endpoint, SLUICE_TOKEN: api.token };
    const elsewhere = await scratchFolder();
    expect(await sluice(["runs"], { folder: elsewhere.folder, env })).toMatchObject({ code: 0 });
    const stranger = await sluice(["runs", "--token", "guess"], { folder: elsewhere.folder, env });
    expect(stranger).toMatchObject({ code: 2, err: expect.stringContaining("token") });
    await elsewhere.remove();
  });

  it("shows dirty records with their reasons, downloads them, and exits with 3 over the limit", async () => {
    const till = await uploadOrders();
    const allowed = await run(["run", "-"], { input: ordersJob(2, till) });
    expect(allowed.code).toBe(0);
    expect(allowed.out).toMatch(/records read +5\n +records written +3\n +dirty records +2 \(limit 2\)/);
    expect(allowed.out).toMatch(/orders\.csv:3 +reader +CONVERSION.*three,c/);
    const id = /^run (\w+)/.exec(allowed.out)?.[1] ?? "";
    expect((await run(["dirty", id])).out).toContain("2 dirty records\n");
    expect(await run(["dirty", id, "--download", "dirty.jsonl"])).toMatchObject({ code: 0 });
    const lines = (await readFile(path.join(folder, "dirty.jsonl"), "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).cells[0])).toEqual(["three", "five"]);
    const over = await run(["run", "-", "--json"], { input: ordersJob(1, till) });
    expect(over.code).toBe(3);
    expect(JSON.parse(over.out).run.error.code).toBe("ERROR_LIMIT_EXCEEDED");
  });

  it("says how to register a data source that a job names, and exits with 2", async () => {
    const result = await run(["run", "-"], { input: ordersJob(0, "nowhere") });
    expect(result.code).toBe(2);
    expect(result.out).toContain("sluice source add nowhere --type");
  });

  it("exits with 4 when a data source cannot be reached", async () => {
    const dead = fresh("dead");
    const add = ["source", "add", dead, "--type", "mysql", "--set", "host=127.0.0.1", "--set", "port=1"];
    const untested = [...add, "--no-test"];
    const rest = ["--set", "database=d", "--set", "username=u", "--secret-env", "password=P"];
    const refused = await run([...add, ...rest], { env: { P: "x" } });
    expect(refused).toMatchObject({ code: 4, out: expect.stringContaining("not registered") });
    expect(await run([...untested, ...rest], { env: { P: "x" } })).toMatchObject({ code: 0, err: "" });
    const test = await run(["source", "test", dead]);
    expect(test).toMatchObject({ code: 4, out: expect.stringMatching(/failed +connect/) });
    expect((await run(["source", "show", dead])).out).not.toContain("x\n");
  });

  it("cancels a run at Ctrl-C and exits with 5; another command can cancel as well", async () => {
    const text = (await readFile(repositoryFile("examples/stream.json"), "utf8")).replace("1000,", "500000000,");
    const long = path.join(folder, "long.json");
    await writeFile(long, text);
    const first = startProgram("sluice", ["run", long], { folder });
    const id = await runningRun();
    first.interrupt();
    const cancelled = await first.finished;
    expect(cancelled.code).toBe(5);
    expect(cancelled.err).toContain("cancelling the run");
    expect(cancelled.out).toContain(`run ${id}: cancelled`);
    const second = startProgram("sluice", ["run", long, "--json"], { folder });
    expect(await run(["cancel", await runningRun()])).toMatchObject({ code: 0 });
    const document = await second.finished;
    expect(document).toMatchObject({ code: 5, err: "" });
    expect(JSON.parse(document.out).run.state).toBe("cancelled");
  });

  async function runningRun(): Promise<string> {
    for (;;) {
      const { out } = await run(["runs", "--state", "running", "--json"]);
      const [found] = JSON.parse(out).items;
      if (found) return found.id;
    }
  }

  it("stops at Ctrl-C, comes back with data and ports, and begins anew with --fresh", async () => {
    const till = await uploadOrders();
    const sources = async () => JSON.parse((await run(["source", "list", "--json"])).out).items;
    const [before, kept] = [await cloud(), await sources()];
    local.interrupt();
    expect(await local.finished).toMatchObject({ code: 0 });
    expect(await sources()).toEqual(kept);
    local = startProgram("sluice", ["local", "--json"], { folder });
    await local.says('"credentialsFile"');
    expect(await cloud()).toEqual(before);
    expect(await run(["source", "test", till])).toMatchObject({ code: 0 });
    local.interrupt();
    await local.finished;
    local = startProgram("sluice", ["local", "--fresh", "--logs"], { folder });
    await local.says("Ctrl-C stops it");
    expect((await run(["source", "list"])).out).toContain("no data sources yet");
    await local.says("sluice-dev-api ");
    expect((await cloud()).api.token).toBe(before.api.token);
  });

  it.each([
    [["runs", "--state", "done"], "Allowed choices are queued, planning,"],
    [["runs", "--page", "garbage"], 'page: "garbage" is no mark of a list of runs'],
    [["source", "list", "--type", "mongo"], "type: there is no such type; there are ads, db2, mysql, odps"],
    [["template", "", ""], "a name is empty"],
  ])("refuses %j, naming what may be", async (args, expected) => {
    expect(await run(args)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(expected) });
  });

  it("says what is wrong with a port or a folder that it cannot use, and leaves nothing behind", async () => {
    const other = path.join(folder, "other");
    expect(await run(["local", "--data", other, "--oss-port", "65536"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("Give a port from 1 to 65535."),
    });
    const taken = new URL((await cloud()).endpoints.oss).port;
    expect(await run(["local", "--data", other, "--oss-port", taken])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/port \d+ of this machine cannot be opened[\s\S]*hint: Choose another port/),
    });
    const file = path.join(folder, "a-file");
    await writeFile(file, "");
    for (const data of [file, path.join(file, "below"), "/proc/sluice/below"]) {
      expect(await run(["local", "--data", data])).toMatchObject({
        code: 2,
        err: expect.stringContaining(`the data folder ${data} cannot be used`),
      });
    }
    await writeFile(path.join(other, "cloud/db/CURRENT"), "damaged");
    expect(await run(["local", "--data", other])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/the store in \S+ cannot be opened[\s\S]*--fresh/),
    });
  });

  it("takes over a folder whose last user was killed", async () => {
    const other = path.join(folder, fresh("other"));
    const victim = startProgram("sluice", ["local", "--data", other], { folder });
    await victim.says("Ctrl-C stops it");
    process.kill(victim.pid, "SIGKILL");
    await victim.finished;
    expect(await run(["run", repositoryFile("examples/stream.json"), "--data", other])).toMatchObject({ code: 0 });
    await rm(other, { recursive: true });
  });
});
