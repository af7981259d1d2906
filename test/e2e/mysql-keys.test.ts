import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copy, digest, type MysqlStage, openMysqlStage, remake } from "./mysql-copies.js";

let stage: MysqlStage;
beforeAll(async () => {
  stage = await openMysqlStage();
});
afterAll(() => stage.close());

/** Tables whose keys are hard to cut: name, columns, statements that fill it, split key (none = the primary key). */
const tables: readonly [name: string, body: string, fill: readonly string[], splitPk?: string][] = [
  [
    "skewed",
    "(id BIGINT PRIMARY KEY, v INT)",
    ["SELECT seq, 1 FROM seq_1_to_20000", "SELECT 1000000000000 + seq * 1000, 2 FROM seq_1_to_200"],
  ],
  ["sparse", "(id BIGINT PRIMARY KEY, v INT)", ["SELECT POW(seq, 4), seq FROM seq_1_to_5000"]],
  [
    "negative",
    "(id BIGINT PRIMARY KEY, v INT)",
    [
      "SELECT -9223372036854775808 + CAST(seq AS SIGNED), 1 FROM seq_0_to_999",
      "SELECT CAST(seq AS SIGNED) - 500, 2 FROM seq_0_to_999",
      "SELECT 9223372036854775807 - CAST(seq AS SIGNED), 3 FROM seq_0_to_999",
    ],
  ],
  ["huge", "(id BIGINT UNSIGNED PRIMARY KEY, v INT)", ["SELECT 18446744073709551615 - seq, 1 FROM seq_0_to_2999"]],
  [
    "texts",
    "(name VARCHAR(40) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT)",
    ["SELECT CONCAT(ELT(1 + seq % 6, 'a', 'B', 'ä', 'Z', '_', '漢'), seq), seq FROM seq_1_to_9000", "SELECT '', 0"],
  ],
  ["nulls", "(k INT NULL, v INT, KEY (k))", ["SELECT IF(seq % 3 = 0, NULL, seq), seq FROM seq_1_to_6000"], "k"],
  [
    "repeated",
    "(k INT NOT NULL, v INT PRIMARY KEY, KEY (k))",
    ["SELECT IF(seq < 7000, 5, seq), seq FROM seq_1_to_9000"],
    "k",
  ],
  ["decimals", "(id DECIMAL(20,5) PRIMARY KEY, v INT)", ["SELECT seq / 7 - 500, seq FROM seq_1_to_9000"]],
  [
    "dates",
    "(at DATETIME(6), v INT PRIMARY KEY, KEY (at))",
    ["SELECT '2024-01-01' + INTERVAL POW(seq, 2) SECOND, seq FROM seq_1_to_9000"],
    "at",
  ],
  [
    "composite",
    "(shop INT, name VARCHAR(20) COLLATE utf8mb4_general_ci, v INT, PRIMARY KEY (shop, name))",
    ["SELECT seq % 3, CONCAT(IF(seq % 2, 'n', 'N'), seq), seq FROM seq_1_to_9000"],
  ],
  ["keyless", "(v INT, w INT)", ["SELECT seq, seq % 5 FROM seq_1_to_3000", "SELECT 7, 7 FROM seq_1_to_50"]],
  ["vacant", "(id INT PRIMARY KEY, v INT)", []],
  ["single", "(id INT PRIMARY KEY, v INT)", ["SELECT 42, 1"]],
];

describe("splitting", () => {
  for (const [name, body, fill, splitPk] of tables) {
    it(`delivers every row of a table with ${name} keys once`, async () => {
      await stage.inBoth(name, body);
      for (const rows of fill) await stage.source.query(`INSERT INTO ${name} ${rows}`);
      const { run, splits } = await stage.sluice.run(
        copy(name, { speed: { concurrent: 4 } }, splitPk === undefined ? {} : { splitPk }),
      );
      expect(run).toMatchObject({ state: "succeeded", error: null });
      expect(await digest(stage.target, name)).toBe(await digest(stage.source, name));
      if (name === "keyless") expect(run.warnings.map(({ message }) => message).join()).toMatch(/one split/);
      const isCut = !["keyless", "vacant", "single"].includes(name);
      if (isCut) expect(splits.length).toBeGreaterThan(1);
    });
  }

  it("gathers a table that is spread over several tables and sources", async () => {
    for (const part of ["part_00", "part_01", "part_02"]) {
      await remake(stage.source, part, "(id INT PRIMARY KEY, v INT)");
      await stage.source.query(
        `INSERT INTO ${part} SELECT seq + ${Number(part.slice(-1)) * 10_000}, 1 FROM seq_1_to_1000`,
      );
    }
    await remake(stage.target, "part_03", "(id INT PRIMARY KEY, v INT)");
    await stage.target.query("INSERT INTO part_03 SELECT seq + 30000, 1 FROM seq_1_to_1000");
    await remake(stage.target, "whole", "(id INT PRIMARY KEY, v INT)");
    const connection = [
      { datasource: "source", table: ["part_[00-02]"] },
      { datasource: "target", table: ["part_03"] },
    ];
    const reader = { datasource: undefined, table: undefined, connection, splitPk: "id" };
    const { run } = await stage.sluice.run(copy("whole", {}, reader));
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 4000 } });
    expect(await stage.target.query("SELECT COUNT(DISTINCT id) FROM whole")).toEqual([["4000"]]);
  });
});
