import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryFile, scratchFolder, sluice } from "./cli-process.js";
import { fresh } from "./fresh.js";

describe("the sluice command on a local cloud of its own", () => {
  let folder = "";
  let remove = async (): Promise<void> => {};
  beforeAll(async () => {
    ({ folder, remove } = await scratchFolder());
  });
  afterAll(() => remove());

  it("runs an example with nothing configured, reports, and leaves nothing running", async () => {
    const { code, out, err } = await sluice(["run", repositoryFile("examples/stream.json")], { folder });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^run r\w+: succeeded\nstream → stream, 2 shards at once, 2 splits\n/);
    expect(out).toMatch(/records read +2,000\n +records written +2,000\n +dirty records +0 \(limit 0\)/);
    expect(await readdir(path.join(folder, ".sluice"))).not.toContain("running.json");
  });

  it("keeps token, master key and credentials to the owner of the data folder", async () => {
    for (const file of ["keys.json", "credentials.json"])
      expect((await stat(path.join(folder, ".sluice", file))).mode & 0o777).toBe(0o600);
  });

  it("runs a DataX job as it is, with parameters, and prints one document with --json", async () => {
    const file = repositoryFile("examples/datax-stream.json");
    const { code, out, err } = await sluice(["run", file, "-p", "greeting=hello", "--json"], { folder });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({ run: { state: "succeeded" }, figures: { read: 1000, written: 1000 } });
  });

  it("shows the place of a parameter without a value, and exits with 2", async () => {
    const { code, err, out } = await sluice(["run", repositoryFile("examples/datax-stream.json")], { folder });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/no value for \$\{greeting\} \(line 13, column 87\)/);
  });

  it("prints a template that validates, plans and runs", async () => {
    const template = await sluice(["template", "stream", "stream"], { folder });
    expect(template.code).toBe(0);
    const input = template.out;
    expect(await sluice(["validate", "-"], { folder, input })).toMatchObject({ code: 0, err: "" });
    const plan = await sluice(["plan", "-", "--json"], { folder, input });
    expect(JSON.parse(plan.out)).toMatchObject({ delivery: "atLeastOnce", reader: { type: "stream" } });
  });

  it("lists in a later command what an earlier one ran, and shows one run with its splits", async () => {
    const file = repositoryFile("examples/datax-stream.json");
    const { out } = await sluice(["run", file, "-p", "greeting=hello", "--json"], { folder });
    const { run } = JSON.parse(out);
    const list = await sluice(["runs", "--json"], { folder });
    const { items } = JSON.parse(list.out);
    expect(items.length).toBeGreaterThan(1);
    expect(items[0].id).toBe(run.id);
    const one = await sluice(["runs", run.id], { folder });
    expect(one.out).toMatch(/0 +done +1 +500 +500 +0/);
  });

  it("stores a job and runs it by its name", async () => {
    const name = fresh("nightly");
    const put = await sluice(
      [
        "job",
        "put",
        name,
        repositoryFile("examples/stream.json"),
        "--cron",
        "0 30 2 * * *",
        "--time-zone",
        "Asia/Shanghai",
      ],
      { folder },
    );
    expect(put).toMatchObject({
      code: 0,
      out: `stored job ${name}, version 1, runs at 0 30 2 * * * (Asia/Shanghai)\n`,
    });
    const run = await sluice(["run", "--job", name, "--json"], { folder });
    expect(JSON.parse(run.out).run).toMatchObject({ job: name, state: "succeeded" });
  });

  it("honours FORCE_COLOR off a terminal and NO_COLOR", async () => {
    const painted = await sluice(["runs"], { folder, env: { FORCE_COLOR: "1" } });
    expect(painted.out).toContain("\u001b[32msucceeded\u001b[39m");
    expect((await sluice(["runs"], { folder, env: { NO_COLOR: "1" } })).out).not.toContain("\u001b[");
  });
});
