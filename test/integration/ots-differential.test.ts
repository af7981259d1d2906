import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Side, Split } from "../../shared/connectors/contract.js";
import { ots } from "../../shared/connectors/ots/index.js";
import type { OtsReadParams } from "../../shared/connectors/ots/reader.js";
import type { OtsSource } from "../../shared/connectors/ots/source.js";
import type { Cell, Column } from "../../shared/model/batch.js";
import type { Json, JsonObject } from "../../shared/model/json.js";
import { batchesOf, planned, sideOf, writeAll } from "../conformance/drive.js";
import { makeRandom, type Random } from "../e2e/fuzz-values.js";
import { type SdkClient, startTablestore, type TestServer } from "./local-cloud/tablestore-server.js";
import { makeDraft, wholeRow } from "./ots-random-records.js";
import {
  attributeTypes,
  boundOf,
  compareKeys,
  createTable,
  getRows,
  type KeyPlan,
  type ModelRow,
  makeKeyPlans,
  makeKeyValue,
  makeRows,
  putRows,
  recordOf,
} from "./ots-random-table.js";

type ReadSide = Side<OtsSource, OtsReadParams>;

const reader = ots.reader!;
const writer = ots.writer!;
// One row, many small ones, none, and several pages of the service.
const seeds = [3, 7, 10, 46];
let server: TestServer;
let client: SdkClient;

beforeAll(async () => {
  server = await startTablestore();
  client = server.client();
});
afterAll(() => server.stop());

interface Table {
  readonly random: Random;
  readonly name: string;
  readonly plans: readonly KeyPlan[];
  /** In the order of the service. */
  readonly rows: readonly ModelRow[];
}

/** Runs a test on a table of its own; the rows are in it. */
async function withTable(seed: number, test: (table: Table) => Promise<void>): Promise<void> {
  const random = makeRandom(seed);
  const plans = makeKeyPlans(random);
  const rows = makeRows(random, plans, random.pick([0, 1, 2, 40, 150, 150, 600]));
  const name = `t${seed}`;
  await createTable(client, name, plans);
  try {
    await putRows(client, name, rows);
    await test({ random, name, plans, rows });
  } finally {
    server.faults.splice(0);
    await client.deleteTable({ tableName: name });
  }
}

function source(): JsonObject {
  const endpoint = `http://127.0.0.1:${server.port}`;
  return { endpoint, instanceName: "unit", accessId: "local-key", accessKey: "local-secret" };
}

function readSide({ random, name, plans }: Table, range: JsonObject = {}): ReadSide {
  const attributes = Object.entries(attributeTypes).map(([column, type]) => {
    // Bytes and mixed values are text, or dirty, where the first rows have none of them.
    const isNamed = column === "raw" || column === "mixed" || random.chance(0.5);
    return isNamed ? { name: column, type: type.toLowerCase() } : column;
  });
  const column = [...plans.map((plan) => plan.name), ...attributes];
  return sideOf(ots, reader.params, source(), { table: name, column, range });
}

/** Records as lines that tell them apart and stay short when a test fails. */
function displayedRecords(records: readonly (readonly Cell[])[]): string[] {
  return records.map((record) => record.map(displayedCell).join(" | "));
}

function displayedCell(cell: Cell): string {
  if (cell === null) return "null";
  if (cell.length > 40) return `${cell.length}:${createHash("md5").update(cell).digest("hex")}`;
  return Buffer.isBuffer(cell) ? `0x${cell.toString("hex")}` : JSON.stringify(cell);
}

async function readSplit(side: ReadSide, split: Split): Promise<Cell[][]> {
  const batches = await batchesOf(reader, side, split);
  expect(batches.flatMap(({ dirty }) => dirty)).toEqual([]);
  return batches.flatMap(({ rows }) => rows.map((row) => [...row]));
}

async function readAll(side: ReadSide, advice: number): Promise<Cell[][]> {
  const records: Cell[][] = [];
  for (const split of await planned(reader, side, advice)) records.push(...(await readSplit(side, split)));
  return records;
}

/** Reads a split as attempts that each end after a few batches and go on from the last checkpoint. */
async function readInPieces(random: Random, side: ReadSide, split: Split): Promise<Cell[][]> {
  const records: Cell[][] = [];
  let from: Json = null;
  for (let isDone = false; !isDone; ) {
    let left = 1 + random.below(3);
    isDone = true;
    for await (const batch of reader.read(side, split.spec, from)) {
      records.push(...batch.rows.map((row) => [...row]));
      from = JSON.parse(JSON.stringify(batch.checkpoint));
      if (--left > 0) continue;
      isDone = false;
      break;
    }
  }
  return records;
}

interface Bound {
  readonly json: JsonObject[];
  /** Whether the row lies before (-1), after (1) or among (0) the rows that the bound names. */
  readonly side: (row: ModelRow) => number;
}

/** Draws a bound of some of the key's parts, of which the last may be infinite. */
function makeBound({ random, plans, rows }: Table): Bound {
  const near = rows.length > 0 && random.chance(0.7) ? random.pick(rows).key : [];
  const key = plans.map((plan, index) => near[index] ?? makeKeyValue(random, plan)).slice(0, random.below(5));
  const infinite = key.length < plans.length && random.chance(0.7) ? random.pick([-1, 1]) : 0;
  const last = infinite === 0 ? [] : [{ type: infinite < 0 ? "INF_MIN" : "inf_max" }];
  return {
    json: [...key.map(boundOf), ...last],
    side: (row) => compareKeys(row.key, key) || -infinite,
  };
}

/** Rows between two bounds, and which of them comes first; null where they leave no room or name the same rows. */
function between(rows: readonly ModelRow[], begin: Bound, end: Bound): ModelRow[] | null {
  if (begin.json.length === 0 || end.json.length === 0) return null;
  const forward = rows.filter((row) => begin.side(row) >= 0 && end.side(row) < 0);
  // An end that only adds parts to the beginning lies behind its first rows: such a range runs forward.
  const isBeginning = JSON.stringify(end.json.slice(0, begin.json.length)) === JSON.stringify(begin.json);
  if (isBeginning) return forward.length > 0 ? forward : null;
  const backward = rows.filter((row) => begin.side(row) <= 0 && end.side(row) > 0).reverse();
  if (forward.length > 0) return forward;
  return backward.length > 0 ? backward : null;
}

describe.each(seeds)("a random Tablestore table, seed %i", (seed) => {
  it("is read whole, each row once and in order, however it is split", async () => {
    await withTable(seed, async (table) => {
      const expected = displayedRecords(table.rows.map(recordOf));
      for (const advice of [1, 2 + table.random.below(15)]) {
        expect(displayedRecords(await readAll(readSide(table), advice)), `advice ${advice}`).toEqual(expected);
      }
      const back = { begin: [{ type: "INF_MAX" }], end: [{ type: "INF_MIN" }] };
      const advice = 1 + table.random.below(16);
      expect(displayedRecords(await readAll(readSide(table, back), advice))).toEqual([...expected].reverse());
    });
  });

  it("loses and repeats nothing when reading goes on from checkpoints, whatever fails on the way", async () => {
    await withTable(seed, async (table) => {
      const side = readSide(table, table.random.pick<JsonObject>([{}, { begin: [{ type: "INF_MAX" }] }]));
      const splits = await planned(reader, side, 1 + table.random.below(3));
      const whole: Cell[][] = [];
      const pieces: Cell[][] = [];
      for (const split of splits) {
        whole.push(...(await readSplit(side, split)));
        server.faults.push({ kind: "status", status: 503 }, { kind: "dropResponse" });
        pieces.push(...(await readInPieces(table.random, side, split)));
        server.faults.splice(0);
      }
      const expected = displayedRecords(table.rows.map(recordOf));
      expect([...displayedRecords(whole)].sort()).toEqual(expected.sort());
      expect(displayedRecords(pieces)).toEqual(displayedRecords(whole));
    });
  });

  it("is read between random bounds in either direction", async () => {
    await withTable(seed, async (table) => {
      for (let drawn = 0; drawn < 8; drawn++) {
        const [begin, end] = [makeBound(table), makeBound(table)];
        const expected = between(table.rows, begin, end);
        if (expected === null) continue;
        const range = { begin: begin.json, end: end.json };
        const records = await readAll(readSide(table, range), 1 + table.random.below(16));
        expect(displayedRecords(records), JSON.stringify(range)).toEqual(displayedRecords(expected.map(recordOf)));
      }
    });
  });

  it.each(["PutRow", "UpdateRow"] as const)("takes rows by %s, without those over a limit", async (writeMode) => {
    await withTable(seed, async (table) => {
      const draft = makeDraft(table.random, table, { mode: writeMode, spoilt: 0.05 });
      const { dirty } = await write(table, writeMode, draft.records);
      expect(dirty.map(({ reason, column }) => [reason, column])).toEqual(draft.dirty);
      expect(await content(table)).toEqual(linesOf(draft.content));
    });
  });

  it.each(["PutRow", "UpdateRow"] as const)("takes all rows by %s when the service is busy", async (writeMode) => {
    await withTable(seed, async (table) => {
      const { random } = table;
      const draft = makeDraft(random, table, { mode: writeMode, spoilt: 0 });
      for (let count = 0; count < 3; count++) {
        server.faults.push(
          random.pick([
            { kind: "status", status: random.pick([429, 500, 503] as const) },
            { kind: random.pick(["dropRequest", "dropResponse", "twice"] as const) },
          ]),
        );
      }
      const { dirty } = await write(table, writeMode, draft.records);
      server.faults.splice(0);
      expect(dirty).toEqual([]);
      expect(await content(table)).toEqual(linesOf(draft.content));
    });
  });
});

const columnTypes = { STRING: "string", INTEGER: "string", BINARY: "bytes" } as const;

async function write(table: Table, writeMode: string, records: readonly (readonly Cell[])[]) {
  const { random, name, plans } = table;
  const attributes = Object.entries(attributeTypes);
  const parameter = {
    ...{ table: name, writeMode },
    primaryKey: plans.map((plan) => ({ name: plan.name, type: plan.type })),
    column: attributes.map(([column, type]) => ({ name: column, type })),
    ...(random.chance(0.3) ? { requestTotalSizeLimitation: 1 + random.below(3_000) } : {}),
  };
  const columns: Column[] = [
    ...plans.map((plan): Column => ({ name: plan.name, type: columnTypes[plan.type] })),
    ...attributes.map(([column, type]): Column => ({ name: column, type: type === "BINARY" ? "bytes" : "string" })),
  ];
  const middle = random.below(records.length + 1);
  const batches = [records.slice(0, middle), records.slice(middle)].filter(({ length }) => length > 0);
  return writeAll(writer, sideOf(ots, writer.params, source(), parameter), columns, batches);
}

async function content({ name, plans }: Table): Promise<string[]> {
  return linesOf(await getRows(client, name, plans));
}

function linesOf(rows: readonly ModelRow[]): string[] {
  return displayedRecords(rows.map(wholeRow)).sort();
}
