import { gzipSync } from "node:zlib";
import type OSS from "ali-oss";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { job } from "../servers/sluice.js";
import { fresh } from "./fresh.js";
import { count, type MysqlStage, openMysqlStage, remake } from "./mysql-copies.js";

let stage: MysqlStage;
let bucket: OSS;

beforeAll(async () => {
  stage = await openMysqlStage();
  const { sluice } = stage;
  bucket = await sluice.bucket("shop");
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  await sluice.register("shop", "oss", { endpoint: sluice.cloud.endpoints.oss, bucket: "shop", accessId, accessKey });
});
afterAll(() => stage.close());

const everyone = { errorLimit: { record: "100" } };
const files = (object: string | string[], parameter: object = {}): [string, object] => [
  "oss",
  { datasource: "shop", object, fileFormat: "csv", column: ["*"], ...parameter },
];
const table = (name: string, parameter: object = {}): [string, object] => [
  "mysql",
  { datasource: "target", table: name, column: ["*"], writeMode: "insert", ...parameter },
];
const putAll = (contents: Readonly<Record<string, string | Buffer>>) =>
  Promise.all(Object.entries(contents).map(([key, text]) => bucket.put(key, Buffer.from(text))));

describe("column * over no records", () => {
  it("succeeds with none, whatever the target's width: nothing there, empty, header only, empty gzip", async () => {
    const at = fresh("none");
    await putAll({
      [`${at}/empty.csv`]: "",
      [`${at}/blank.csv`]: "\n\n",
      [`${at}/header.csv`]: "a,b\n",
      [`${at}/title.csv`]: "Report of today",
      [`${at}/empty.csv.gz`]: gzipSync(""),
      [`${at}/empty.jsonl`]: "\n",
      [`${at}/mark.txt`]: "\ufeff",
    });
    await remake(stage.target, "nothing", "(a VARCHAR(9), b VARCHAR(9), c VARCHAR(9))");
    const sources = [
      files(`${at}/empty.csv`),
      files([`${at}/empty.csv`, `${at}/blank.csv`]),
      files([`${at}/header.csv`, `${at}/title.csv`], { skipHeader: "true" }),
      files(`${at}/empty.csv.gz`, { compress: "gzip" }),
      files(`${at}/none*`, { successOnNoObject: "true" }),
      files(`${at}/empty.jsonl`, { fileFormat: "jsonl" }),
      files(`${at}/mark.txt`, { fileFormat: "text" }),
    ];
    for (const [i, source] of sources.entries()) {
      const script = job(source, table("nothing"));
      const planned = await stage.sluice.call("POST", "/v1/plan", { script });
      expect([planned.status, planned.body.mapping?.length], JSON.stringify(source)).toEqual([200, 3]);
      if (i % 2 === 1) continue;
      const { run } = await stage.sluice.run(script);
      expect(run).toMatchObject({ state: "succeeded", error: null, counters: { read: 0, written: 0, dirty: 0 } });
    }
  });

  it("still writes what the target wants without any: a header, an empty object", async () => {
    const at = fresh("headers");
    await putAll({ [`${at}/in.csv`]: "a,b\n" });
    const target: [string, object] = [
      "oss",
      { datasource: "shop", object: `${at}/out`, fileFormat: "csv", writeHeader: "true", writeMode: "truncate" },
    ];
    const { run } = await stage.sluice.run(job(files(`${at}/in.csv`, { skipHeader: "true" }), target));
    expect(run).toMatchObject({ state: "succeeded", counters: { read: 0 } });
    const { objects = [] } = await bucket.listV2({ prefix: `${at}/out`, "max-keys": "10" }, {});
    const texts = await Promise.all(objects.map(async ({ name }) => (await bucket.get(name)).content.toString()));
    expect(texts).toEqual(["a,b\n"]);
  });
});

describe("JSON lines with column *", () => {
  it("lose no key that only later lines have: those are dirty, with the key's name", async () => {
    const at = fresh("keys");
    await putAll({
      [`${at}/a.jsonl`]: '{"id":1,"name":"Ann"}\n{"id":2,"name":"x","city":"SH"}\n{"id":3}\n',
      [`${at}/b.jsonl`]:
        '{"name":"Bob","id":4}\n{"ID":5}\n{"id":6,"id":7}\n{"id":8,"name":"\\ud800"}\n{"id":9,"name":"\\u0000"}\n',
    });
    await remake(stage.target, "people", "(id INT PRIMARY KEY, name VARCHAR(9))");
    const script = job(files(`${at}/*`, { fileFormat: "jsonl" }), table("people"), everyone);
    const { run } = await stage.sluice.run(script);
    expect(run).toMatchObject({ state: "succeeded", counters: { read: 8, written: 4, dirty: 4 } });
    expect(await stage.target.query("SELECT id, HEX(name) FROM people ORDER BY id")).toEqual([
      ["1", "416E6E"],
      ["3", null],
      ["4", "426F62"],
      ["9", "00"],
    ]);
    const dirty = await stage.sluice.dirty(run.id);
    expect(dirty.map(({ message }) => /key "(\w+)"|half a character/.exec(message)?.[0]).sort()).toEqual([
      "half a character",
      'key "ID"',
      'key "city"',
      'key "id"',
    ]);
  });

  it("nested too deep cost no neighbour", async () => {
    const at = fresh("deep");
    const deep = `{"id":2,"name":${"[".repeat(5000)}${"]".repeat(5000)}}`;
    await putAll({ [`${at}.jsonl`]: `{"id":1,"name":"a"}\n${deep}\n{"id":3,"name":"c"}\n` });
    await remake(stage.target, "deep", "(id INT PRIMARY KEY, name VARCHAR(9))");
    const { run } = await stage.sluice.run(job(files(`${at}.jsonl`, { fileFormat: "jsonl" }), table("deep"), everyone));
    expect(run).toMatchObject({ state: "succeeded", counters: { read: 3, written: 2, dirty: 1 } });
    expect(await count(stage.target, "deep")).toBe(2);
  });
});

describe("a DataX job without fileFormat and nullFormat", () => {
  it("writes the bytes that DataX writes, and tells where it does not", async () => {
    await remake(stage.source, "plain", "(id INT PRIMARY KEY, a VARCHAR(40), b VARCHAR(40), c INT)");
    await stage.source.query(`INSERT INTO plain VALUES (1, 'say "hi"', NULL, NULL), (2, ' lead', 'x', 5)`);
    const object = fresh("datax");
    const { accessKeyId: accessId, accessKeySecret: accessKey } = stage.sluice.cloud.credentials;
    const connection = { endpoint: stage.sluice.cloud.endpoints.oss, accessId, accessKey, bucket: "shop" };
    const scriptWith = (place: object) => ({
      job: {
        setting: { speed: { channel: 1 }, errorLimit: { record: 0 } },
        content: [
          {
            reader: { name: "mysqlreader", parameter: { datasource: "source", table: ["plain"], column: ["*"] } },
            writer: {
              name: "osswriter",
              parameter: { ...place, object, fieldDelimiter: "\t", writeMode: "truncate" },
            },
          },
        ],
      },
    });
    const { run } = await stage.sluice.run(scriptWith(connection));
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 2 } });
    const { objects = [] } = await bucket.listV2({ prefix: object, "max-keys": "10" }, {});
    const texts = await Promise.all(objects.map(async ({ name }) => (await bucket.get(name)).content.toString()));
    expect(texts).toEqual(['1\tsay "hi"\tnull\tnull\n2\t lead\tx\t5\n']);
    const difference = expect.objectContaining({
      message: expect.stringContaining("makes a dirty record, where DataX"),
    });
    const script = scriptWith(connection);
    const planned = await stage.sluice.call("POST", "/v1/plan", { script });
    const judged = await stage.sluice.call("POST", "/v1/validate", { script });
    for (const { warnings } of [run, planned.body, judged.body]) expect(warnings).toContainEqual(difference);
  });
});

describe("a broken file", () => {
  it("ends the run with a hint of its own: gzip cut short, too many cells for column *", async () => {
    const at = fresh("broken");
    const whole = gzipSync("1,a\n".repeat(1000));
    await putAll({ [`${at}.gz`]: whole.subarray(0, whole.length - 9), [`${at}.csv`]: ",".repeat(2_000_000) });
    await remake(stage.target, "broken", "(id INT, name VARCHAR(9))");
    const cut = await stage.sluice.run(job(files(`${at}.gz`, { compress: "gzip" }), table("broken")));
    const wide = await stage.sluice.run(job(files(`${at}.csv`), table("broken")));
    expect(cut.run.error).toMatchObject({ code: "SOURCE_REFUSED", hint: expect.stringContaining("gzip -t") });
    expect(wide.run.error).toMatchObject({ code: "SOURCE_REFUSED", hint: expect.stringContaining("fieldDelimiter") });
  });

  it("whose JSON would have a key twice is not written", async () => {
    await remake(stage.source, "twice", "(id INT, name VARCHAR(9))");
    const reader: [string, object] = ["mysql", { datasource: "source", table: "twice", column: ["id", "name", "id"] }];
    const writer: [string, object] = ["oss", { datasource: "shop", object: fresh("twice"), fileFormat: "jsonl" }];
    const { run } = await stage.sluice.run(job(reader, writer));
    expect(run).toMatchObject({
      state: "failed",
      error: { code: "CONFIG_INVALID", hint: expect.stringContaining("alias") },
    });
    expect(run.error?.message).toContain('columns 1 and 3 of the reader are both named "id"');
  });
});
