import TableStore from "tablestore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storeTables } from "../../shared/store/tables.js";
import { nextMinute } from "../e2e/fresh.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

const JOBS = 36;
/** Each is a MB: all of them are more than a function may answer, and a list or a tick that read them would show it. */
const filler = "x".repeat(1_000_000);

/** Stores a job under more names, row by row: each by a call of its own would take a second of parsing. */
async function copyJob(name: string, copies: number): Promise<void> {
  const { credentials, endpoints, environment } = sluice.cloud;
  const client = new TableStore.Client({
    ...{ accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.accessKeySecret },
    ...{ endpoint: endpoints.tablestore, instancename: environment.SLUICE_OTS_INSTANCE ?? "", maxRetries: 0 },
  });
  const keyOf = (job: string) => [{ workspace: "default" }, { name: job }];
  const tableName = storeTables.jobs.name;
  const { row } = await client.getRow({ tableName, primaryKey: keyOf(name), maxVersions: 1 } as never);
  const attributes = (row as unknown as { attributes: { columnName: string; columnValue: unknown }[] }).attributes;
  for (let i = 1; i <= copies; i++) {
    const renamed = attributes.map(({ columnName, columnValue }) => {
      const isText = typeof columnValue === "string";
      return { [columnName]: isText ? columnValue.replaceAll(`"${name}"`, `"large${i}"`) : columnValue };
    });
    const condition = new TableStore.Condition(TableStore.RowExistenceExpectation.EXPECT_NOT_EXIST, null);
    const row = { tableName, condition, primaryKey: keyOf(`large${i}`), attributeColumns: renamed };
    await client.putRow(row as never);
  }
}

describe("jobs of a MB each that somebody has stored", () => {
  it("stop neither lists nor ticks nor uploads", { timeout: 600_000 }, async () => {
    const large = job(["stream", { column: [{ type: "string", value: filler }], sliceRecordCount: 1 }], ["stream", {}]);
    const schedule = { cron: "0 0 0 1 1 *", timeZone: "UTC" };
    const subscription = { bucket: "sluice-dev-landing", prefix: "landing/never/" };
    const { status, text } = await sluice.call("PUT", "/v1/jobs/large0", { script: large, schedule, subscription });
    expect(status, text.slice(0, 500)).toBe(201);
    await copyJob("large0", JOBS - 1);
    const small = job(["stream", { column: [{ type: "string", value: "x" }], sliceRecordCount: 1 }], ["stream", {}]);
    await sluice.call("PUT", "/v1/jobs/small", { script: small, schedule: { cron: "0 * * * * *", timeZone: "UTC" } });
    await sluice.call("PUT", "/v1/jobs/waits", {
      script: small,
      subscription: { ...subscription, prefix: "landing/" },
    });

    const listed = await sluice.call("GET", "/v1/jobs?limit=500");
    expect(listed.status).toBe(200);
    expect(listed.body.items).toHaveLength(JOBS + 2);
    expect(listed.text.length).toBeLessThan(1024 * 1024);

    await sluice.cloud.tick("tick", nextMinute());
    const bucket = await sluice.bucket("sluice-dev-landing");
    await bucket.put("landing/a.csv", Buffer.from("x"));
    for (const name of ["small", "waits"]) {
      const state = async () => (await sluice.call("GET", `/v1/runs?job=${name}`)).body.items[0]?.state;
      await expect.poll(state, { timeout: 100_000 }).toBe("succeeded");
    }
    expect(sluice.logs.filter((line) => line.includes("out of memory"))).toEqual([]);
  });
});
