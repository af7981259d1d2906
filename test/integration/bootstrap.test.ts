import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import OSS from "ali-oss";
import TableStore from "tablestore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sluice } from "../../infra/cli/program.js";
import { type LocalCloud, startLocalCloud } from "../../infra/local/main.js";
import { storeTables } from "../../shared/store/tables.js";
import { fakeTerminal } from "../unit/infra/cli/fake-terminal.js";

const root = path.resolve(import.meta.dirname, "../..");
let folder: string;
let cloud: LocalCloud;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sluice-bootstrap-"));
  cloud = await startLocalCloud({
    folder,
    manifestFile: path.join(root, "s.yaml"),
    functionsFolder: path.join(root, "dist/functions"),
    timers: false,
    sync: false,
  });
});
afterAll(async () => {
  await cloud.close();
  await rm(folder, { recursive: true, force: true });
});

/** A stage that no earlier try of a test has made. */
const stageOf = (name: string) => `${name}${randomBytes(4).toString("hex")}`;

/** The environment of somebody who deploys a stage into the local cloud, each stage in an instance of its own. */
function deployer(stage: string, more: Record<string, string> = {}): Record<string, string> {
  const { accessKeyId, accessKeySecret } = cloud.credentials;
  return {
    SLUICE_STAGE: stage,
    SLUICE_OTS_ENDPOINT: cloud.endpoints.tablestore,
    SLUICE_OTS_INSTANCE: `sluice-${stage}`,
    SLUICE_OSS_ENDPOINT: cloud.endpoints.oss,
    SLUICE_OSS_BUCKET: `sluice-${stage}-own`,
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
    ...more,
  };
}

async function run(env: Record<string, string>, ...args: string[]) {
  const terminal = fakeTerminal({ env });
  const code = await sluice(["bootstrap", "--json", ...args], terminal);
  return { code, report: JSON.parse(terminal.written.out) };
}

function tablestoreOf(stage: string): InstanceType<typeof TableStore.Client> {
  return new TableStore.Client({
    accessKeyId: cloud.credentials.accessKeyId,
    secretAccessKey: cloud.credentials.accessKeySecret,
    endpoint: cloud.endpoints.tablestore,
    instancename: `sluice-${stage}`,
    maxRetries: 0,
  });
}

async function tableNames(stage: string): Promise<string[]> {
  // The declarations lack the answer's shape.
  const { tableNames: names } = (await tablestoreOf(stage).listTable({})) as unknown as { tableNames?: string[] };
  return names ?? [];
}

async function buckets(): Promise<string[]> {
  const { accessKeyId, accessKeySecret } = cloud.credentials;
  const client = new OSS({
    endpoint: cloud.endpoints.oss,
    region: `oss-${cloud.region}`,
    accessKeyId,
    accessKeySecret,
  });
  const { buckets: found } = (await client.listBuckets({})) as unknown as { buckets?: { name: string }[] };
  return (found ?? []).map(({ name }) => name);
}

const states = (items: { state: string }[]) => [...new Set(items.map(({ state }) => state))];

describe("sluice bootstrap", () => {
  it("tells in a dry run what it would do, and does nothing", async () => {
    const { code, report } = await run(deployer("dry"), "--dry-run");
    expect(code).toBe(0);
    expect(report).toMatchObject({ isDryRun: true, admin: null });
    expect(states([...report.tables, ...report.buckets])).toEqual(["missing"]);
    expect(await tableNames("dry")).toEqual([]);
    expect(await buckets()).not.toContain("sluice-dry-own");
  });

  it("makes tables, buckets and the first admin token, and finds all there when repeated", async () => {
    const one = stageOf("one");
    const first = await run(deployer(one));
    expect(first.code).toBe(0);
    expect(states([...first.report.tables, ...first.report.buckets])).toEqual(["created"]);
    expect((await tableNames(one)).sort()).toEqual(
      Object.values(storeTables)
        .map(({ name }) => name)
        .sort(),
    );
    expect(await buckets()).toEqual(expect.arrayContaining([`sluice-${one}-own`, `sluice-${one}-landing`]));
    const { token, environment } = first.report.admin;
    expect(environment.SLUICE_API_TOKEN_HASH).toBe(createHash("sha256").update(token).digest("hex"));
    expect(Buffer.from(environment.SLUICE_MASTER_KEY, "base64")).toHaveLength(32);

    const again = await run(deployer(one, environment));
    expect(states([...again.report.tables, ...again.report.buckets])).toEqual(["exists"]);
    expect(again.report.admin).toBeNull();
    expect(again.report.notes.join()).toContain("no new admin token");
  });

  it("goes on where it broke off, and leaves rows alone", async () => {
    const part = stageOf("part");
    const client = tablestoreOf(part);
    await createTable(client, storeTables.state.name, [{ name: "name", type: "STRING" }]);
    const condition = new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null as never);
    const row = {
      tableName: storeTables.state.name,
      condition,
      primaryKey: [{ name: "tick" }],
      attributeColumns: [{ doc: "1" }],
    };
    await client.putRow(row as never);
    const { report } = await run(deployer(part));
    const byName = Object.fromEntries(
      report.tables.map((item: { name: string; state: string }) => [item.name, item.state]),
    );
    expect(byName).toMatchObject({ sluice_state: "exists", sluice_runs: "created" });
    const found = await client.getRow({ tableName: storeTables.state.name, primaryKey: [{ name: "tick" }] } as never);
    expect(JSON.stringify(found.row)).toContain("doc");
  });

  it("refuses tables of another layout before it makes anything", async () => {
    const drift = stageOf("drift");
    const client = tablestoreOf(drift);
    await createTable(client, storeTables.runs.name, [{ name: "id", type: "INTEGER" }]);
    const { code, report } = await run(deployer(drift));
    expect(code).toBe(2);
    expect(report.error.message).toContain("sluice_runs has key (id INTEGER), the code needs (run STRING)");
    expect(await tableNames(drift)).toEqual([storeTables.runs.name]);
    expect(await buckets()).not.toContain(`sluice-${drift}-own`);
  });

  it("makes no master key where KMS or a key is configured, nor in production", async () => {
    const withKms = await run(deployer("kms", { SLUICE_KMS_KEY_ID: "key-1" }));
    expect(Object.keys(withKms.report.admin.environment)).toEqual(["SLUICE_API_TOKEN_HASH"]);
    const production = await run(deployer("prod"));
    expect(Object.keys(production.report.admin.environment)).toEqual(["SLUICE_API_TOKEN_HASH"]);
    expect(production.report.notes.join()).toContain("SLUICE_KMS_KEY_ID");
  });

  it("says what is missing, refused or unreachable", async () => {
    const { SLUICE_OTS_INSTANCE: _, ...incomplete } = deployer("bad");
    expect((await run(incomplete)).report.error.message).toContain("SLUICE_OTS_INSTANCE");
    const nobody = await run(deployer("bad", { ALIBABA_CLOUD_ACCESS_KEY_SECRET: "" }));
    expect(nobody).toMatchObject({ code: 2, report: { error: { path: "ALIBABA_CLOUD_ACCESS_KEY_SECRET" } } });
    const stranger = await run(deployer("bad", { ALIBABA_CLOUD_ACCESS_KEY_SECRET: "wrong-secret" }));
    expect(stranger.report.error).toMatchObject({ code: "ACCESS_DENIED" });
    expect(JSON.stringify(stranger.report)).not.toContain("wrong-secret");
    const lost = await run(deployer("bad"), "--ots-endpoint", "http://127.0.0.1:1");
    expect(lost).toMatchObject({ code: 4, report: { error: { code: "SOURCE_UNREACHABLE" } } });
  });

  it("prints the token once, in lines for a shell", async () => {
    const terminal = fakeTerminal({ env: deployer(stageOf("text")) });
    expect(await sluice(["bootstrap"], terminal)).toBe(0);
    const text = terminal.written.out;
    expect(text).toMatch(/table {3}sluice_runs +created/);
    expect(text).toMatch(/export SLUICE_API_TOKEN_HASH='[0-9a-f]{64}'/);
    const token = /stored nowhere:\n {2}(\S+)\n/.exec(text)?.[1] ?? "";
    expect(token).toHaveLength(43);
    expect(text.split(token)).toHaveLength(2);
  });
});

async function createTable(client: InstanceType<typeof TableStore.Client>, tableName: string, primaryKey: object[]) {
  await client.createTable({
    tableMeta: { tableName, primaryKey },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  } as never);
}
