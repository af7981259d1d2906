import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { batchesOf, planned, sideOf } from "./drive.js";

const reader = mysql.reader!;
const zone = "Europe/Berlin";
let database: ScratchDatabase;

beforeAll(async () => {
  database = await scratchDatabase();
  // Three hours of which the second and the third have the same texts: 02:00 to 02:59, in summer time and not.
  const rows = "SELECT FROM_UNIXTIME(1729983600 + seq * 60), seq, REPEAT('x', 40000) FROM seq_1_to_170";
  for (const [table, key] of [
    ["alone", "PRIMARY KEY (at)"],
    ["beside", "PRIMARY KEY (at), UNIQUE KEY (id)"],
    ["behind", "PRIMARY KEY (id), KEY (at)"],
  ]) {
    await database.query(`CREATE TABLE ${table} (at TIMESTAMP NOT NULL, id INT NOT NULL, pad TEXT, ${key})`);
    await database.query(`INSERT INTO ${table} ${rows}`);
  }
});
afterAll(async () => {
  await database.drop();
});

function sideIn(timeZone: string | null, parameter: JsonObject) {
  return { ...sideOf(mysql, reader.params, database.source, { column: ["id", "at", "pad"], ...parameter }), timeZone };
}

/** Reads every split, and again from each of its checkpoints; answers the ids of each way through. */
async function allWays(
  side: ReturnType<typeof sideIn>,
  advice: number,
): Promise<{ whole: number[]; resumed: number[][] }> {
  const whole: number[] = [];
  const resumed: number[][] = [];
  for (const split of await planned(reader, side, advice)) {
    const batches = await batchesOf(reader, side, split);
    const ids = batches.map(({ rows }) => rows.map(([id]) => Number(id)));
    whole.push(...ids.flat());
    for (const [at, { checkpoint }] of batches.entries()) {
      if (checkpoint === null) continue;
      const rest = await batchesOf(reader, side, split, checkpoint);
      const seen = [...ids.slice(0, at + 1).flat(), ...rest.flatMap(({ rows }) => rows.map(([id]) => Number(id)))];
      resumed.push(seen.map((id) => (ids.flat().includes(id) ? id : -id)).sort((a, b) => a - b));
      expect(resumed.at(-1)).toEqual(ids.flat().sort((a, b) => a - b));
    }
  }
  return { whole: whole.sort((a, b) => a - b), resumed };
}

const everyId = Array.from({ length: 170 }, (_, i) => i + 1);

describe("a TIMESTAMP key in a zone whose summer time ends within the table", () => {
  test.each([
    ["alone", {}, "without checkpoints", false],
    ["beside", {}, "resumed by another key", true],
    ["behind", { splitPk: "at" }, "resumed by the primary key", true],
    ["alone", { splitPk: "at" }, "without checkpoints although it is named", false],
  ])("table %s, %j: every row once, %s", async (table, parameter, _how, isResumable) => {
    const side = sideIn(zone, { table, ...parameter });
    const { whole, resumed } = await allWays(side, 40);
    expect(whole).toEqual(everyId);
    expect(resumed.length > 0).toBe(isResumable);
    const { warnings } = await reader.split(side, 40);
    expect(warnings.join()).toMatch(/comes twice/);
  });

  test("is a key as any other in UTC, and in a session that the job sets to an offset", async () => {
    for (const [timeZone, parameter] of [
      [null, {}],
      [zone, { session: ["SET time_zone = '+02:00'"] }],
    ] as const) {
      const side = sideIn(timeZone, { table: "alone", ...parameter });
      const { whole, resumed } = await allWays(side, 1);
      expect(whole).toEqual(everyId);
      expect(resumed.length).toBeGreaterThan(3);
      expect((await reader.split(side, 1)).warnings).toEqual([]);
    }
  });
});
