import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { sluice } from "../../../../infra/cli/program.js";
import { describeConnector } from "../../../../shared/connectors/describe.js";
import { loadConnector } from "../../../../shared/connectors/registry.js";
import { sampleRun, sampleSplit } from "./fake-api.js";
import { fakeTerminal } from "./fake-terminal.js";
import { problem, sluiceAt } from "./sluice-at.js";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function scratch(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-cli-"));
  folders.push(folder);
  return folder;
}

const noRuns = { "GET /v1/runs": { body: { items: [], nextPage: null } } };

describe("the command line", () => {
  it("names the exit codes in its help, which is no error", async () => {
    const { code, out } = await sluiceAt({}, ["--help"]);
    expect(code).toBe(0);
    for (const part of ["run [options] [file]", "3  error limit", "5  cancelled", "SLUICE_ENDPOINT"])
      expect(out).toContain(part);
  });

  it("takes its general options in front of a command, in the middle and behind it; the last one counts", async () => {
    const general = ["--json", "--token", "barn"];
    for (const args of [
      [...general, "source", "list"],
      ["source", ...general, "list"],
      ["source", "list", ...general],
      ["--token", "attic", "source", "list", ...general],
    ]) {
      const { code, out, seen } = await sluiceAt(
        { "GET /v1/data-sources": { body: { items: [], nextPage: null } } },
        args,
      );
      expect([args, code, JSON.parse(out), seen[0]?.token]).toEqual([args, 0, { items: [], nextPage: null }, "barn"]);
    }
    expect((await sluiceAt({}, ["--token"])).err).toContain("argument missing");
  });

  it("tells its version", async () => {
    const { version } = JSON.parse(await readFile("package.json", "utf8"));
    expect(await sluiceAt({}, ["--version"])).toMatchObject({ code: 0, out: `${version}\n` });
  });

  it("refuses unknown commands and options with the nearest one and code 2", async () => {
    const wrong = await sluiceAt({}, ["rnu"]);
    expect(wrong).toMatchObject({ code: 2, out: "" });
    expect(wrong.err).toContain("Did you mean run");
    expect((await sluiceAt({}, ["run", "--jbo", "x"])).err).toContain("Did you mean --job");
  });

  it("answers a wrong command line with a document under --json", async () => {
    const { code, out, err } = await sluiceAt({}, ["run", "--json", "--param", "novalue"]);
    expect({ code, err }).toEqual({ code: 2, err: "" });
    expect(JSON.parse(out).error).toMatchObject({ code: "CONFIG_INVALID", hint: "See sluice --help." });
  });

  it.each([
    [["run"], "no job given"],
    [["run", "a.json", "--job", "b"], "both a job file and --job"],
    [["run", "missing.json"], "cannot read missing.json: there is no such file"],
    [["validate", "-", "--write"], "--write without --fix"],
    [["job", "put", "a", "-", "--prefix", "x"], "--prefix and --suffix need --bucket"],
    [["job", "put", "a", "-", "--time-zone", "UTC"], "--time-zone without --cron"],
    [["dirty", "r1", "--json", "--download", "-"], "both want standard output"],
  ])("refuses %j as bad input", async (args, message) => {
    const { code, err, out } = await sluiceAt({}, args, { input: "{}" });
    expect(code).toBe(2);
    expect(args.includes("--json") ? JSON.parse(out).error.message : err).toContain(message);
  });

  it("tells an unreachable API from everything else with code 4", async () => {
    const result = await sluiceAt({}, ["runs", "--endpoint", "http://127.0.0.1:1"]);
    expect(result.code).toBe(4);
    expect(result.err).toContain("cannot reach the Sluice API at http://127.0.0.1:1");
  });

  it("wants a token for an endpoint, and lets options win over the environment", async () => {
    const terminal = fakeTerminal({ env: { SLUICE_ENDPOINT: "http://127.0.0.1:1" } });
    expect(await sluice(["runs"], terminal)).toBe(2);
    expect(terminal.written.err).toContain("no token for http://127.0.0.1:1");
    const { seen } = await sluiceAt(noRuns, ["runs", "--token", "other"]);
    expect(seen[0]?.token).toBe("other");
  });

  it("gives code 2 for what the API refuses and 1 for what breaks in it", async () => {
    const refused = { "GET /v1/runs": problem(401, "UNAUTHORIZED", "no such token") };
    expect((await sluiceAt(refused, ["runs"])).code).toBe(2);
    const broken = { "GET /v1/runs": problem(500, "INTERNAL", "boom", { requestId: "q7" }) };
    expect(await sluiceAt(broken, ["runs"])).toMatchObject({ code: 1, err: expect.stringContaining("request: q7") });
  });

  it("paints only where it may", async () => {
    const answers = { "GET /v1/runs": { body: { items: [sampleRun()], nextPage: null } } };
    expect((await sluiceAt(answers, ["runs"], { colours: true })).out).toContain("<green>succeeded</>");
    expect((await sluiceAt(answers, ["runs"])).out).not.toContain("<green>");
  });
});

describe("lists", () => {
  it("show runs with the way to the next page", async () => {
    const answers = { "GET /v1/runs": { body: { items: [sampleRun({ job: "nightly" })], nextPage: "p2" } } };
    const { out, seen } = await sluiceAt(answers, ["runs", "--job", "nightly", "--state", "succeeded", "--limit", "1"]);
    expect(seen[0]?.query).toEqual({ job: "nightly", state: "succeeded", limit: "1" });
    expect(out).toMatch(/r1 +\S+ \S+ +nightly +http +oss → ots +199,993 +7 +succeeded/);
    expect(out).toContain("more: sluice runs --page p2");
    expect((await sluiceAt(noRuns, ["runs"])).out).toBe("no runs yet\n");
  });

  it("show one run with its splits", async () => {
    const answers = { "GET /v1/runs/r1": { body: { run: sampleRun(), splits: [sampleSplit()] } } };
    const { out } = await sluiceAt(answers, ["runs", "r1"]);
    expect(out).toMatch(/0 +done +1 +100,000 +99,997 +3 +oss:\/\/shop\/orders\.csv bytes 0-999/);
  });

  it("show dirty records and download them", async () => {
    const item = {
      run: "r1",
      split: 3,
      side: "writer",
      reason: "NOT_NULL",
      message: "no key",
      column: null,
      key: null,
      cells: [],
    };
    const answers = {
      "GET /v1/runs/r1/dirty": { body: { items: [item], nextPage: null, total: 9, kept: 1 } },
      "GET /v1/runs/r1/dirty/download": { body: '{"a":1}\n{"a":2}\n' },
    };
    const list = await sluiceAt(answers, ["dirty", "r1"]);
    expect(list.out).toContain("9 dirty records, 1 of them kept\n");
    expect(list.out).toMatch(/split 3 +writer +NOT_NULL +no key/);
    expect((await sluiceAt(answers, ["dirty", "r1", "--download", "-"])).out).toBe('{"a":1}\n{"a":2}\n');
    const file = path.join(await scratch(), "dirty.jsonl");
    const saved = await sluiceAt(answers, ["dirty", "r1", "--download", file, "--json"]);
    expect(JSON.parse(saved.out)).toEqual({ run: "r1", file, records: 2 });
    expect(await readFile(file, "utf8")).toBe('{"a":1}\n{"a":2}\n');
    expect(await sluiceAt(answers, ["dirty", "r1", "--download", "/no/such/folder/x"])).toMatchObject({ code: 2 });
  });
});

describe("sluice plan", () => {
  it("shows splits, columns with their types and warnings, and the delivery", async () => {
    const plan = {
      reader: { type: "mysql", dataSources: ["shop_db"], timeZone: { zone: "+09:00", from: "the server's own" } },
      writer: { type: "oss", dataSources: ["lake"], timeZone: { zone: "+08:00", from: "the workspace's" } },
      delivery: "publish",
      concurrent: 2,
      splits: [{ describe: "select id from orders", rows: 1200, bytes: null }],
      estimatedRows: 1200,
      mapping: [{ from: "id", fromType: "bigint", to: "0", toType: "string", warning: "cut at 10 characters" }],
      warnings: [{ message: "no primary key: one split", line: 1, column: 1 }],
    };
    const { code, out } = await sluiceAt({ "POST /v1/plan": { body: plan } }, ["plan", "examples/stream.json"]);
    expect(code).toBe(0);
    for (const part of [
      "mysql (shop_db) → oss (lake)",
      "zones     reads in +09:00 (the server's own)",
      "writes in +08:00 (the workspace's)",
      "publish (nothing visible",
      "about 1,200",
      "select id from orders",
    ])
      expect(out).toContain(part);
    expect(out).toMatch(/id +bigint +0 +string +! cut at 10 characters/);
    expect(out).toContain("examples/stream.json:1:1: warning: no primary key: one split");
  });
});

const mysql = await loadConnector("mysql");

describe("sluice source", () => {
  const times = { version: 1, createdAt: "2026-11-20T10:00:00.000Z", updatedAt: "2026-11-20T10:00:00.000Z" };
  const view = { name: "db", type: "mysql", description: "", properties: { host: "h", password: "***" }, ...times };
  const reachable = { "POST /v1/data-source-tests": { body: { ok: true, steps: [] } } };
  const described = { "GET /v1/connectors/mysql": { body: describeConnector(mysql) } };
  const created = { "POST /v1/data-sources": { status: 201, body: view }, ...reachable, ...described };

  it("takes properties from options, JSON, the environment and hidden input", async () => {
    const args = ["source", "add", "db", "--type", "mysql", "--set", "host=h", "--set", 'address=[{"host":"h"}]'];
    const more = ["--secret-env", "password=DB_PASSWORD", "--secret", "key"];
    const { code, err, seen } = await sluiceAt(created, [...args, ...more], {
      env: { DB_PASSWORD: "p=1" },
      secrets: ["typed"],
    });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    // The last one has the list show how the connection is.
    expect(seen.map(({ path }) => path)).toEqual([
      "/v1/connectors/mysql",
      "/v1/data-source-tests",
      "/v1/data-sources",
      "/v1/data-sources/db/test",
    ]);
    expect(seen[2]?.body).toEqual({
      name: "db",
      type: "mysql",
      properties: { host: "h", address: [{ host: "h" }], password: "p=1", key: "typed" },
    });
  });

  it.each([[[]], [["--no-test"]]])("asks for what the API misses when somebody is there %j", async (more) => {
    const missing = (name: string) => problem(400, "CONFIG_INVALID", "required", { path: `properties.${name}` });
    const check =
      (answer: object) =>
      ({ body }: { body: Record<string, unknown> }) => {
        const properties = body.properties as object;
        if (!("host" in properties)) return missing("address");
        return "password" in properties ? (answer as { body: object }) : missing("password");
      };
    const answers = {
      ...described,
      "POST /v1/data-source-tests": check({ body: { ok: true, steps: [] } }),
      "POST /v1/data-sources": check({ status: 201, body: view }),
    };
    const args = ["source", "add", "db", "--type", "mysql", ...more];
    const asked = await sluiceAt(answers, args, { secrets: ["hush"], typed: ["h", ""] });
    expect(asked.code).toBe(0);
    expect(asked.seen.findLast(({ path }) => path === "/v1/data-sources")).toMatchObject({
      path: "/v1/data-sources",
      body: { properties: { host: "h", password: "hush" } },
    });
    expect(asked.out + asked.err).not.toContain("hush");
    const alone = await sluiceAt(answers, args);
    expect(alone.code).toBe(2);
    expect(alone.err).toContain("error: properties.address: required");
  });

  it("warns of secrets in the shell's history and of variables that are not set", async () => {
    const args = ["source", "add", "db", "--type", "mysql"];
    expect((await sluiceAt(created, [...args, "--set", "password=x"])).err).toContain("--secret password asks for it");
    // Which properties are secret, the connector says: a name alone tells nothing.
    const plain = await sluiceAt(created, [...args, "--set", "tokenLike=x", "--set", "password=x"]);
    expect(plain.err.match(/now stands in your shell's history/g)).toHaveLength(1);
    const unset = await sluiceAt(created, [...args, "--secret-env", "password=NOPE"]);
    expect(unset).toMatchObject({ code: 2, err: expect.stringContaining("NOPE is not set") });
    const broken = await sluiceAt(created, [...args, "--set", "address=[{]"]);
    expect(broken).toMatchObject({ code: 2, err: expect.stringContaining("begins like JSON") });
  });

  it("does not register what fails its test, unless told so", async () => {
    const steps = [{ name: "connect", ok: false, durationMs: 12, message: "refused", hint: "Open the port." }];
    const answers = { ...created, "POST /v1/data-source-tests": { body: { ok: false, steps } } };
    const args = ["source", "add", "db", "--type", "mysql", "--set", "host=h"];
    const refused = await sluiceAt(answers, args);
    expect(refused).toMatchObject({ code: 4, out: expect.stringContaining("not registered; --no-test") });
    expect(refused.seen).toHaveLength(2);
    expect(refused.out).toContain("Open the port.");
    expect(await sluiceAt(answers, [...args, "--no-test"])).toMatchObject({
      code: 0,
      seen: [{ path: "/v1/connectors/mysql" }, { path: "/v1/data-sources" }],
    });
    const untestable = { ...created, "POST /v1/data-source-tests": problem(400, "UNSUPPORTED", "no test") };
    expect((await sluiceAt(untestable, args)).code).toBe(0);
    expect((await sluiceAt(untestable, [...args, "--test"])).code).toBe(2);
  });

  it("changes only what is given, against the version it has seen", async () => {
    const answers = {
      ...described,
      "GET /v1/data-sources/db": { body: view },
      "PUT /v1/data-sources/db": { body: { ...view, version: 2 } },
    };
    const { out, seen } = await sluiceAt(answers, ["source", "edit", "db", "--set", "host=other", "--tag", "a"]);
    expect(out).toBe("changed db, version 2\n");
    expect(seen[2]?.body).toEqual({ tags: ["a"], properties: { host: "other", password: "***" } });
  });

  it("says what a deletion breaks, one by one", async () => {
    const issues = [{ message: 'job "nightly": the job will fail at its next run', job: "nightly" }];
    const answers = {
      "DELETE /v1/data-sources/used": problem(409, "SOURCE_IN_USE", "used by a job", { issues }),
      "DELETE /v1/data-sources/free": {
        body: { name: "free", deleted: ["production"], restorableUntil: "2026-11-27T10:00:00.000Z", affected: [] },
      },
    };
    const { code, out } = await sluiceAt(answers, ["source", "rm", "used", "free"]);
    expect(code).toBe(2);
    expect(out).toContain('  job "nightly": the job will fail at its next run\n');
    expect(out).toContain("deleted free (production)");
  });

  it("imports a file and shows the verdict of each row", async () => {
    const rows = [
      { line: 2, ok: true, action: "create", name: "db", environment: "production", error: null },
      { line: 3, ok: false, action: null, name: "9", environment: null, error: { message: "name: bad" } },
    ];
    const report = { dryRun: true, imported: 1, refused: 1, rows };
    const answers = { "POST /v1/data-source-imports": { body: report } };
    const { code, out, seen } = await sluiceAt(answers, ["source", "import", "-", "--dry-run"], { input: "type,name" });
    expect(code).toBe(2);
    expect(seen[0]?.body).toEqual({ format: "csv", content: "type,name", dryRun: true });
    expect(out).toBe("line 2: create db production\nline 3: refused 9: name: bad\n1 would be imported, 1 refused\n");
  });

  it("shares with a workspace, and says what revoking breaks", async () => {
    const broken = [{ workspace: "w", job: "borrow", consequence: "the production job will fail at its next run" }];
    const answers = {
      "PUT /v1/data-sources/db/grants/w": { body: view },
      "DELETE /v1/data-sources/db/grants/w": { body: { affected: broken } },
    };
    const share = ["source", "share", "db", "w"];
    expect((await sluiceAt(answers, share)).code).toBe(2);
    const { seen } = await sluiceAt(answers, [...share, "--environment", "development", "--environment", "production"]);
    expect(seen[0]?.body).toEqual({ environments: ["development", "production"] });
    const revoked = await sluiceAt(answers, [...share, "--revoke", "--force"]);
    expect(revoked.out).toContain("job borrow of workspace w: the production job will fail");
    expect(revoked.seen[0]?.query).toEqual({ force: "true" });
  });

  it("shows each step of a test and exits with 4 when one fails", async () => {
    const steps = [
      { name: "resolve", ok: true, durationMs: 3, message: "127.0.0.1" },
      { name: "connect", ok: false, durationMs: 12, message: "refused" },
    ];
    const { code, out } = await sluiceAt({ "POST /v1/data-sources/db/test": { body: { ok: false, steps } } }, [
      ...["source", "test", "db"],
    ]);
    expect(code).toBe(4);
    expect(out).toContain("db: not usable\n");
    expect(out).toMatch(/failed +connect +0\.01 s +refused/);
  });

  it("lists data sources and shows one", async () => {
    const answers = {
      "GET /v1/data-sources": { body: { items: [view], nextPage: null } },
      "GET /v1/data-sources/db": { body: view },
    };
    expect((await sluiceAt(answers, ["source", "list"])).out).toMatch(/db +mysql/);
    expect((await sluiceAt(answers, ["source", "show", "db"])).out).toContain("  password = ***\n");
  });
});

describe("sluice job", () => {
  it("stores a job with its schedule and its subscription", async () => {
    const stored = (body: object) => ({ version: 2, name: "nightly", parameters: {}, ...body });
    // Which zone counts where none is named, the API knows.
    const zoned = { cron: "0 30 2 * * *", timeZone: "UTC" };
    const answers = {
      "PUT /v1/jobs/nightly": ({ body }: { body: object }) => ({
        status: 201,
        body: stored({ ...body, schedule: zoned }),
      }),
    };
    const args = [
      "job",
      "put",
      "nightly",
      "-",
      "--cron",
      "0 30 2 * * *",
      "--bucket",
      "b",
      "--prefix",
      "in/",
      "-p",
      "a=1",
    ];
    const { code, out, seen } = await sluiceAt(answers, args, { input: "{}" });
    expect(code).toBe(0);
    expect(seen[0]?.body).toEqual({
      script: "{}",
      parameters: { a: "1" },
      schedule: { cron: "0 30 2 * * *" },
      subscription: { bucket: "b", prefix: "in/", suffix: "" },
    });
    expect(out).toBe("stored job nightly, version 2, runs at 0 30 2 * * * (UTC) and on uploads to b/in/*\n");
  });
});

describe("sluice convert and validate", () => {
  it("prints a DataX job as DataWorks 2.0, placeholders kept", async () => {
    const { code, out, seen } = await sluiceAt({}, ["convert", "examples/datax-stream.json"]);
    expect({ code, seen }).toEqual({ code: 0, seen: [] });
    expect(JSON.parse(out)).toMatchObject({ version: "2.0", steps: [{ stepType: "stream" }, {}] });
    expect(out).toContain("${greeting}");
  });

  it("shows what is wrong with a text before any API is asked", async () => {
    const { code, err, seen } = await sluiceAt({}, ["validate", "-"], { input: '{ "steps": [ }' });
    expect({ code, seen }).toEqual({ code: 2, seen: [] });
    expect(err).toMatch(/^\(stdin\):1:14: error: .*\n {2}1 \| \{ "steps": \[ \}\n {19}\^\n/);
  });

  it("asks the API about the parameters and shows its warnings", async () => {
    const answers = {
      "POST /v1/validate": { body: { warnings: [{ message: "odd", line: 1, column: 1 }], script: {} } },
    };
    const { code, out } = await sluiceAt(answers, ["validate", "examples/stream.json"]);
    expect(code).toBe(0);
    expect(out).toContain("examples/stream.json:1:1: warning: odd\n");
    expect(out).toContain("examples/stream.json: valid, stream → stream, 1 warning\n");
  });

  it("repairs what is beyond doubt, into the file when asked", async () => {
    const good = await readFile("examples/stream.json", "utf8");
    const broken = good.replace('"version": "2.0",', '"version": "2.0"');
    const file = path.join(await scratch(), "job.json");
    await writeFile(file, broken);
    const printed = await sluiceAt({}, ["validate", file, "--fix"]);
    expect(printed).toMatchObject({ code: 0, out: good, err: expect.stringContaining("fixed: ") });
    expect(await readFile(file, "utf8")).toBe(broken);
    await sluiceAt({}, ["validate", file, "--fix", "--write"]);
    expect(await readFile(file, "utf8")).toBe(good);
  });
});
