import { afterAll, beforeAll, expect, it } from "vitest";
import { job } from "../servers/sluice.js";
import { copy, type MysqlStage, openMysqlStage, remake } from "./mysql-copies.js";

let stage: MysqlStage;
beforeAll(async () => {
  stage = await openMysqlStage();
  const { cloud } = stage.sluice;
  const { accessKeyId: accessId, accessKeySecret: accessKey } = cloud.credentials;
  await stage.sluice.bucket("floats");
  await stage.sluice.register("files", "oss", { endpoint: cloud.endpoints.oss, bucket: "floats", accessId, accessKey });
  await remake(stage.source, "measured", "(id INT PRIMARY KEY, f FLOAT, d DOUBLE)");
  await stage.source.query(
    "INSERT INTO measured SELECT seq, EXP(seq / 60 - 80) * POW(-1, seq), 0.1 FROM seq_1_to_9000",
  );
  await stage.source.query("INSERT INTO measured VALUES (-1, 16777217, 0.1), (-2, 0.1, 0.1), (-3, NULL, 0.1)");
});
afterAll(() => stage.close());

const exact = "SELECT id, f * 1e0 FROM measured ORDER BY id";

it("carries all digits of FLOAT columns to MySQL", async () => {
  await remake(stage.target, "measured", "(id INT PRIMARY KEY, f FLOAT, d DOUBLE)");
  const { run, splits } = await stage.sluice.run(copy("measured"));
  expect(run).toMatchObject({ state: "succeeded", counters: { written: 9_003, dirty: 0 } });
  expect(splits.length).toBeGreaterThan(1);
  expect(await stage.target.query(exact)).toEqual(await stage.source.query(exact));
});

it("carries them to CSV files, in the fewest digits", async () => {
  const writer = {
    datasource: "files",
    object: "measured",
    fileFormat: "csv",
    fieldDelimiter: ",",
    writeMode: "truncate",
  };
  const reader = { datasource: "source", table: "measured", column: ["id", "f"] };
  const { run } = await stage.sluice.run(job(["mysql", reader], ["oss", writer], { speed: { concurrent: 1 } }));
  expect(run).toMatchObject({ state: "succeeded", counters: { written: 9_003, dirty: 0 } });
  const bucket = await stage.sluice.bucket("floats");
  const { objects } = await bucket.listV2({ prefix: "measured" }, {});
  const files = await Promise.all(objects.map(async ({ name }) => String((await bucket.get(name)).content)));
  const written = new Map(files.flatMap((file) => file.trim().split("\n")).map((line) => pair(line.trim())));
  const stored = await stage.source.query(exact);
  const wrong = stored.filter(([id, f]) => f !== null && Math.fround(Number(written.get(String(id)))) !== Number(f));
  expect(wrong).toEqual([]);
  expect([-1, -2].map((id) => written.get(String(id)))).toEqual(["16777216", "0.1"]);
  expect(written.size).toBe(9_003);
});

function pair(line: string): [string, string] {
  const [id = "", f = ""] = line.split(",");
  return [id, f];
}
