import type { Cell } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import type { Random } from "../e2e/fuzz-values.js";
import { ignore, long, type SdkClient, type SdkRow, tableOf } from "./local-cloud/tablestore-server.js";

const keyTypes = ["STRING", "INTEGER", "BINARY"] as const;
const styles = ["few", "crowded", "spread"] as const;

type KeyType = (typeof keyTypes)[number];
type Style = (typeof styles)[number];
type KeyValue = string | bigint | Buffer;
type Value = KeyValue | number | boolean;

/** A row as a test knows it, apart from the connector's own ideas of keys and types. */
export interface ModelRow {
  readonly key: readonly KeyValue[];
  readonly attributes: ReadonlyMap<string, Value>;
}

/** A key column and how its values lie: few of them, crowded in one place with some far away, or all over. */
export interface KeyPlan {
  readonly name: string;
  readonly type: KeyType;
  readonly style: Style;
}

/** Attribute columns in the order of records; `mixed` holds another type in every row. */
export const attributeTypes = {
  ...{ text: "STRING", whole: "INT", half: "DOUBLE", flag: "BOOL", raw: "BINARY" },
  mixed: "STRING",
} as const;

/** A column of every row drawn that no job names: kept by an update, gone with a put. */
export const unnamedColumn = "unnamed";

/** Draws a key of one to four columns. */
export function makeKeyPlans(random: Random): KeyPlan[] {
  return Array.from({ length: 1 + random.below(4) }, (_, index) => {
    return { name: `k${index}`, type: random.pick(keyTypes), style: random.pick(styles) };
  });
}

/** Draws up to `count` rows, fewer where keys repeat, in the order of the service. */
export function makeRows(random: Random, plans: readonly KeyPlan[], count: number): ModelRow[] {
  // Long values fill batches and pages of the service with few rows.
  const bulk = random.chance(0.3) ? 100_000 : 30;
  const draws = bulk > 30 ? Math.min(count, 60) : count;
  const rows = new Map<string, ModelRow>();
  for (let drawn = 0; drawn < draws; drawn++) {
    const key = plans.map((plan) => makeKeyValue(random, plan));
    rows.set(identityOf(key), { key, attributes: makeAttributes(random, bulk) });
  }
  return [...rows.values()].sort((a, b) => compareKeys(a.key, b.key));
}

function makeAttributes(random: Random, bulk: number): Map<string, Value> {
  const whole = randomLong(random);
  const half = (random.below(2_000_001) - 1_000_000) / 2;
  const all: [string, Value][] = [
    ["text", random.pick(["x", "ü", "😀"]).repeat(random.below(bulk))],
    ["whole", whole],
    ["half", half],
    ["flag", random.chance(0.5)],
    ["raw", Buffer.alloc(random.below(bulk), random.below(256))],
    ["mixed", random.pick<Value>([whole, half, random.chance(0.5), "text"])],
  ];
  return new Map([...all.filter(() => random.chance(0.6)), [unnamedColumn, whole]]);
}

/** Draws a value of a key column. */
export function makeKeyValue(random: Random, { type, style }: KeyPlan): KeyValue {
  const isFar = style === "crowded" && random.chance(0.05);
  const near = String(random.below(3_000));
  if (type === "INTEGER") {
    if (style === "few") return BigInt(random.below(3) - 1);
    if (isFar) return random.pick([-(2n ** 63n), 2n ** 63n - 1n, 0n]);
    return style === "crowded" ? 10n ** 15n + BigInt(near) : randomLong(random);
  }
  if (type === "STRING") {
    if (style === "few") return random.pick(["", "a", "a\0"]);
    if (isFar) return random.pick(["\0", "\u{10ffff}".repeat(256), "\ud7ff", "\ue000", "\uffff"]);
    return style === "crowded" ? "u".repeat(1_000) + near : randomText(random);
  }
  if (style === "few") return Buffer.alloc(random.below(3));
  if (isFar) return Buffer.alloc(random.pick([1, 1_024]), 0xff);
  return style === "crowded" ? Buffer.from(`\x01\x02${near}`) : Buffer.from(randomText(random), "latin1");
}

function randomLong(random: Random): bigint {
  return BigInt.asIntN(64, (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32)));
}

function randomText(random: Random): string {
  const points = [0x7f, 0x7ff, 0xd7ff, 0x10000 + 0xfffff];
  const one = () => {
    const point = random.below(random.pick(points) + 1);
    return String.fromCodePoint(point >= 0xd800 && point < 0xe000 ? 0xe000 : point);
  };
  return Array.from({ length: random.below(6) }, one).join("");
}

/** Order of the service: integers by value, text and bytes by their bytes; of two lengths only the common parts count. */
export function compareKeys(a: readonly KeyValue[], b: readonly KeyValue[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) break;
    const order = compareValues(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(a: KeyValue, b: KeyValue): number {
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a as string | Buffer), Buffer.from(b as string | Buffer)); // of one column: both or neither are integers
}

/** A key as text, equal for equal keys only. */
export function identityOf(key: readonly KeyValue[]): string {
  return JSON.stringify(key.map((value) => (Buffer.isBuffer(value) ? value.toString("hex") : String(value))));
}

/** A value as records of the engine have it. */
export function cellOf(value: Value | undefined): Cell {
  if (value === undefined) return null;
  return Buffer.isBuffer(value) ? value : String(value);
}

/** A row as a record: its key, then all attributes. */
export function recordOf({ key, attributes }: ModelRow): Cell[] {
  return [...key.map(cellOf), ...Object.keys(attributeTypes).map((name) => cellOf(attributes.get(name)))];
}

/** A bound of a range as scripts have it. */
export function boundOf(value: KeyValue): JsonObject {
  if (typeof value === "bigint") return { type: "int", value: String(value) };
  if (typeof value === "string") return { type: "string", value };
  return { type: "binary", value: value.toString("base64") };
}

/** Makes a table. */
export async function createTable(client: SdkClient, name: string, plans: readonly KeyPlan[]): Promise<void> {
  await client.createTable(tableOf(name, Object.fromEntries(plans.map((plan) => [plan.name, plan.type]))));
}

const ROWS = 20;

/** Puts rows through the plain SDK. */
export async function putRows(client: SdkClient, tableName: string, rows: readonly ModelRow[]): Promise<void> {
  const size = rows.some(({ attributes }) => (cellOf(attributes.get("text"))?.length ?? 0) > 1_000) ? ROWS : ROWS * 10;
  for (let at = 0; at < rows.length; at += size) {
    const { tables } = await client.batchWriteRow({
      tables: [{ tableName, rows: rows.slice(at, at + size).map(sdkRow) }],
    });
    const refused = tables.find(({ isOk }) => !isOk);
    if (refused) throw new Error(`a row was refused: ${refused.errorCode}`);
  }
}

function sdkRow({ key, attributes }: ModelRow): object {
  return {
    type: "PUT",
    condition: ignore(),
    primaryKey: key.map((value, index) => ({ [`k${index}`]: sdkValue(value) })),
    attributeColumns: [...attributes].map(([name, value]) => ({ [name]: sdkValue(value) })),
  };
}

function sdkValue(value: Value): unknown {
  return typeof value === "bigint" ? long(String(value)) : value;
}

/** Reads all rows through the plain SDK. */
export async function getRows(client: SdkClient, tableName: string, plans: readonly KeyPlan[]): Promise<ModelRow[]> {
  const { INF_MIN, INF_MAX } = await import("tablestore");
  const rows: ModelRow[] = [];
  let start: object[] | null = plans.map(({ name }) => ({ [name]: INF_MIN }));
  while (start) {
    const page = await client.getRange({
      tableName,
      direction: "FORWARD",
      inclusiveStartPrimaryKey: start,
      exclusiveEndPrimaryKey: plans.map(({ name }) => ({ [name]: INF_MAX })),
    });
    rows.push(...page.rows.map(modelRow));
    start = page.nextStartPrimaryKey?.map(({ name, value }) => ({ [name]: value })) ?? null;
  }
  return rows;
}

function modelRow({ primaryKey, attributes }: SdkRow): ModelRow {
  const key = (primaryKey ?? []).map(({ value }) => modelValue(value) as KeyValue); // keys have no other types
  return { key, attributes: new Map(attributes?.map((one) => [one.columnName, modelValue(one.columnValue)])) };
}

function modelValue(value: unknown): Value {
  const isInt64 = typeof value === "object" && value !== null && "toNumber" in value;
  return isInt64 ? BigInt(String(value)) : (value as Value); // the SDK has no others
}
