import { afterAll, beforeAll, expect, it } from "vitest";
import { type Client, createClient } from "../../shared/api/client/client.js";
import { ApiProblem } from "../../shared/api/client/failures.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
let client: Client;
beforeAll(async () => {
  sluice = await startSluice();
  client = createClient({ endpoint: sluice.cloud.endpoints.api, token: sluice.token }, { checksAnswers: true });
});
afterAll(() => sluice.close());

const script = JSON.stringify(
  job(["stream", { sliceRecordCount: 10, column: [{ type: "long", value: "7" }] }], ["stream", { print: false }]),
);

it("The typed client speaks with the API, which answers in the shapes that both are made of", async () => {
  const { items } = await client.connectors();
  for (const { type } of items) {
    const { reader, writer, readable, writable } = await client.connector({ type });
    expect([type, reader !== null, writer !== null]).toEqual([type, readable, writable]);
  }
  const stored = await client.putJob({ name: "nightly", body: { script, schedule: { cron: "0 30 2 * * *" } } });
  expect(stored.schedule?.timeZone).toBe((await client.workspace({ name: "default" })).timeZone);
  const source = await client.createDataSource({
    body: { name: "shop", type: "mysql", properties: { host: "db", database: "d", username: "u" } },
  });
  const changed = await client.changeDataSource({ name: "shop", body: { description: "x" }, ifMatch: source.version });
  expect(changed).toMatchObject({ description: "x", version: source.version + 1 });
  const stale = client.changeDataSource({ name: "shop", body: { description: "y" }, ifMatch: source.version });
  await expect(stale).rejects.toMatchObject({ problem: { status: 412, code: "PRECONDITION_FAILED" } });
  expect((await client.exportDataSources({ query: { format: "jsonl" } })).text).toContain('"name":"shop"');
  const started = await client.startRun({ body: { script } });
  const { run } = await sluice.ended(started.id);
  // What a run costs is told of one run, not of those in a list.
  expect((await client.runs({ query: { limit: 1 } })).items).toEqual([{ ...run, cost: null }]);
  await client.putMember({ subject: "ada", body: { role: "viewer" } });
  expect(await client.removeMember({ subject: "ada" })).toBeUndefined();
  await expect(client.run({ id: "nobody" })).rejects.toBeInstanceOf(ApiProblem);
});

it("What a connector says of itself is what the API answers, hidden fields included", async () => {
  const { reader } = await client.connector({ type: "mariadb" });
  expect(reader?.fields.find(({ name }) => name === "fetchSize")).toMatchObject({ hidden: true, required: false });
  await expect(client.connector({ type: "mongo" })).rejects.toThrow('unsupported type "mongo"');
});
