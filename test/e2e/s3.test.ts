import { afterAll, beforeAll, expect, it } from "vitest";
import { job } from "../servers/sluice.js";
import { digest, type MysqlStage, openMysqlStage, remake } from "./mysql-copies.js";

let stage: MysqlStage;
const ROWS = 3000;

beforeAll(async () => {
  stage = await openMysqlStage();
  const { sluice, source, target } = stage;
  await sluice.bucket("warehouse");
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  const place = { endpoint: sluice.cloud.endpoints.oss, bucket: "warehouse", accessId, accessKey };
  await sluice.register("warehouse", "s3", place);
  const columns = "(id INT PRIMARY KEY, note TEXT, amount DECIMAL(30,10), seen DATETIME(6))";
  await remake(source, "orders", columns);
  for (const table of ["from_many", "from_one"]) await remake(target, table, columns);
  const rows = Array.from({ length: ROWS }, (_, id) => {
    const note = id % 7 === 0 ? "NULL" : `'a "note", 😀 of\\n${id}'`;
    return `(${id}, ${note}, ${id}1234567890123456.0123456789, '2024-02-29 23:59:59.000001')`;
  });
  await source.query(`INSERT INTO orders VALUES ${rows.join(",")}`);
});
afterAll(() => stage.close());

const columns = ["id", "note", "amount", "seen"];
const read = columns.map((name, index) => ({ index, name, type: name === "id" ? "long" : "string" }));

it.each([
  ["from_many", { object: "out/many/rows", suffix: ".csv" }],
  ["from_one", { object: "out/one.csv", writeSingleObject: true, writeHeader: true }],
])("MySQL goes to S3 and back without a difference (%s)", async (table, parameter) => {
  const { sluice, source, target } = stage;
  const file = { datasource: "warehouse", fileFormat: "csv", nullFormat: "\\N", ...parameter };
  const out = await sluice.run(
    job(["mysql", { datasource: "source", table: ["orders"], column: columns, splitPk: "id" }], ["s3", file], {
      speed: { concurrent: 2 },
    }),
  );
  expect(out.run).toMatchObject({ state: "succeeded", counters: { read: ROWS, written: ROWS, dirty: 0 } });
  const from = { datasource: "warehouse", nullFormat: "\\N", object: `${parameter.object}*`, column: read };
  const skipHeader = "writeHeader" in parameter;
  const back = await sluice.run(
    job(
      ["s3", { ...from, skipHeader }],
      ["mysql", { datasource: "target", table, column: columns, writeMode: "insert" }],
    ),
  );
  expect(back.run).toMatchObject({ state: "succeeded", counters: { read: ROWS, written: ROWS, dirty: 0 } });
  expect(await digest(target, table)).toBe(await digest(source, "orders"));
});

it("the bucket is tested, listed and looked into by plan", async () => {
  const { sluice } = stage;
  const test = await sluice.call("POST", "/v1/data-sources/warehouse/test", {});
  expect(test.body).toMatchObject({ ok: true });
  const listed = await sluice.call("GET", "/v1/data-sources/warehouse/tables?search=out/one");
  expect(listed.body.items).toMatchObject([{ name: "out/one.csv", kind: "object" }]);
  const script = job(["s3", { datasource: "warehouse", object: "no/such", column: ["*"] }], ["stream", {}]);
  expect((await sluice.call("POST", "/v1/plan", { script })).body).toMatchObject({ code: "SOURCE_OBJECT_MISSING" });
});
