import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { job } from "../servers/sluice.js";
import { type MysqlStage, openMysqlStage, remake } from "./mysql-copies.js";

let stage: MysqlStage;

beforeAll(async () => {
  stage = await openMysqlStage();
});
afterAll(() => stage.close());

const read = (table: string[], parameter: object = {}): [string, object] => [
  "mysql",
  { datasource: "source", table, column: ["*"], ...parameter },
];
const write = (table: string[], parameter: object = {}): [string, object] => [
  "mysql",
  { datasource: "target", table, column: ["*"], writeMode: "insert", ...parameter },
];

/** What planning says: its warnings, or why it refuses. */
async function planned(reader: [string, object], writer: [string, object]): Promise<string[]> {
  const { status, body } = await stage.sluice.call("POST", "/v1/plan", { script: job(reader, writer) });
  if (status === 200) return body.warnings.map(({ message }: { message: string }) => message);
  return [`${body.code}: ${body.detail ?? body.message}`];
}

describe("column * over several tables", () => {
  beforeAll(async () => {
    const { source, target } = stage;
    await remake(source, "s_0", "(id INT PRIMARY KEY, a VARCHAR(5), b VARCHAR(5))");
    await remake(source, "s_1", "(id INT PRIMARY KEY, b VARCHAR(5), a VARCHAR(5))");
    await remake(source, "s_2", "(ID INT PRIMARY KEY, A VARCHAR(5), B TEXT)");
    await remake(source, "s_3", "(id INT PRIMARY KEY, a VARCHAR(5), c VARCHAR(5))");
    await remake(source, "s_4", "(id INT PRIMARY KEY, a VARCHAR(5), b BLOB)");
    await source.query("INSERT INTO s_0 (id, a, b) VALUES (1, 'a1', 'b1')");
    await source.query("INSERT INTO s_1 (id, a, b) VALUES (2, 'a2', 'b2')");
    await source.query("INSERT INTO s_2 (id, a, b) VALUES (3, 'a3', 'b3')");
    await remake(target, "t_0", "(id INT PRIMARY KEY, a VARCHAR(5), b VARCHAR(5))");
    await remake(target, "t_1", "(id INT PRIMARY KEY, b VARCHAR(5), a VARCHAR(5))");
  });

  it("refuses those whose columns stand in another order or have other names, before anything is written", async () => {
    const { run } = await stage.sluice.run(job(read(["s_0", "s_1"]), write(["t_0"], { preSql: ["DELETE FROM t_0"] })));
    expect(run).toMatchObject({
      state: "failed",
      error: { code: "CONFIG_INVALID", hint: expect.stringContaining("by name") },
    });
    expect(run.error?.message).toMatch(/\.s_1 gives b as column 2, .*\.s_0 gives a/);
    const [other] = await planned(read(["s_[0-1]"]), write(["t_0"]));
    expect(other).toMatch(/CONFIG_INVALID: .*\.s_1 gives b as column 2/);
    expect((await planned(read(["s_0", "s_3"]), write(["t_0"])))[0]).toMatch(/\.s_3 gives c as column 3/);
    const places = {
      table: undefined,
      connection: [
        { datasource: "source", table: ["s_0"] },
        { datasource: "source", table: ["s_1"] },
      ],
    };
    expect((await planned(read([], places), write(["t_0"])))[0]).toMatch(/\.s_1 gives b as column 2/);
    expect((await planned(read(["s_0", "s_4"]), write(["t_0"])))[0]).toMatch(
      /column b of .*\.s_4 is blob, that of .*\.s_0 is/,
    );
  });

  it("reads those that agree, whatever the case of their names, and any by listed names", async () => {
    expect((await stage.sluice.run(job(read(["s_0", "s_2"]), write(["t_0"])))).run).toMatchObject({
      state: "succeeded",
    });
    const listed = { column: ["id", "a", "b"] };
    const { run } = await stage.sluice.run(job(read(["s_1"], listed), write(["t_1"], listed)));
    expect(run).toMatchObject({ state: "succeeded", warnings: [] });
    expect(await stage.target.query("SELECT id, a, b FROM t_0 UNION SELECT id, a, b FROM t_1 ORDER BY id")).toEqual([
      ["1", "a1", "b1"],
      ["2", "a2", "b2"],
      ["3", "a3", "b3"],
    ]);
  });

  it("refuses target tables that differ, and statements that change places", async () => {
    const [two] = await planned(read(["s_0", "s_2"]), write(["t_0", "t_1"]));
    expect(two).toMatch(/CONFIG_INVALID: .*\.t_1 gives b as column 2, .*\.t_0 gives a/);
    const statements = { table: undefined, column: undefined, querySql: ["SELECT * FROM s_0", "SELECT * FROM s_1"] };
    expect((await planned(read([], statements), write(["t_0"])))[0]).toMatch(/SELECT \* FROM s_1 gives b as column 2/);
    const named = { ...statements, querySql: ["SELECT * FROM s_0", "SELECT id, a, c AS extra FROM s_3"] };
    expect(await planned(read([], named), write(["t_0"]))).toEqual([]);
  });
});

describe("column * on both sides", () => {
  it("warns where one name is in two places, in plan and run", async () => {
    const { source, target, sluice } = stage;
    await remake(source, "names", "(id INT PRIMARY KEY, first_name VARCHAR(9), last_name VARCHAR(9))");
    await remake(target, "names", "(id INT PRIMARY KEY, last_name VARCHAR(9), first_name VARCHAR(9))");
    const text =
      /by position, not by name: first_name \(column 2\) goes into last_name, although the target has first_name as column 3/;
    expect(await planned(read(["names"]), write(["names"]))).toEqual([expect.stringMatching(text)]);
    const { run } = await sluice.run(job(read(["names"]), write(["names"])));
    expect(run).toMatchObject({ state: "succeeded", warnings: [{ message: expect.stringMatching(text) }] });
  });

  it("tells of generated and invisible columns", async () => {
    const { source, target } = stage;
    const body = "(id INT PRIMARY KEY, doc INT, k INT GENERATED ALWAYS AS (doc + 1) VIRTUAL)";
    await remake(source, "made", body);
    await remake(target, "made", body);
    const [refused] = await planned(read(["made"]), write(["made"]));
    expect(refused).toMatch(
      /3 columns \(id, doc, k\), the writer takes 2 \(id, doc\); of the target's columns k is generated/,
    );
    const listed = { column: ["id", "doc"] };
    expect(await planned(read(["made"], listed), write(["made"], listed))).toEqual([]);
  });
});
