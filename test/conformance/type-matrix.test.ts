import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import { changeMaker, isDirty } from "../../shared/connectors/ots/row-change.js";
import { type Batch, batchOf, type Cell, type Column, type DirtyRecord } from "../../shared/model/batch.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { batchesOf, planned, sideOf, splitRefOf } from "./drive.js";
import { mysqlTargets, type Oracle, type Sample, tablestoreTargets } from "./type-oracle.js";
import { type Source, sources } from "./type-samples.js";

const document = new URL("../../docs/types.md", import.meta.url);
// One that is eight hours before UTC in all years.
const zone = "Etc/GMT-8";
const writer = mysql.writer!;
const reader = mysql.reader!;
const typed = sources.filter(({ declaration }) => declaration === null);
const stored = sources.filter(({ declaration }) => declaration !== null);

let database: ScratchDatabase;
let read: Batch[];
/** What each target shows for each sample, `dirty` where the record is; by target, then `source#sample`. */
const seen = new Map<string, Map<string, string>>();

beforeAll(async () => {
  database = await scratchDatabase();
  await database.query("SET time_zone = '+08:00', sql_mode = ''");
  const declared = stored.map(({ declaration }, at) => `s${at} ${declaration} NULL`);
  await database.query(`CREATE TABLE every_type (id INT PRIMARY KEY, ${declared.join(", ")})`);
  for (const { id, sample, at } of places(stored)) {
    const value = sample.type === "bool" ? Number(sample.value === "true") : sample.value;
    await database.query(`INSERT INTO every_type (id, s${at}) VALUES (?, ?)`, [id, value]);
  }
  const side = {
    ...sideOf(mysql, reader.params, database.source, { table: "every_type", column: ["*"] }),
    timeZone: zone,
  };
  read = (await Promise.all((await planned(reader, side, 1)).map((split) => batchesOf(reader, side, split)))).flat();
});
afterAll(() => database.drop());

interface Place {
  readonly id: number;
  readonly at: number;
  readonly sample: Sample;
  readonly key: string;
}

/** One record per sample, in which all other columns are null. */
function places(of: readonly Source[]): Place[] {
  const all = of.flatMap(({ title, samples }, at) =>
    samples.map((sample, i) => ({ at, sample, key: `${title}#${i}` })),
  );
  return all.map((place, index) => ({ id: index + 1, ...place }));
}

function records(of: readonly Source[]): Batch {
  const columns: Column[] = [{ name: "id", type: "long" }, ...of.map(({ column }) => column)];
  const rows = places(of).map(({ id, at, sample }): Cell[] => [
    String(id),
    ...of.map((_, i) => (i === at ? sample.value : null)),
  ]);
  return batchOf(rows, { columns, checkpoint: 1, dirty: [] });
}

/** Writes batches into a table whose columns are all of one type; answers what it shows then. */
async function written(
  declared: string,
  of: readonly Source[],
  batches: readonly Batch[],
  extra: JsonObject,
): Promise<Map<string, string>> {
  const shows = mysqlTargets[declared]?.shows ?? "";
  const columns = of.map((_, at) => `c${at} ${declared} NULL`);
  await database.query(`CREATE OR REPLACE TABLE one_type (id INT PRIMARY KEY, ${columns.join(", ")})`);
  const side = {
    ...sideOf(mysql, writer.params, database.source, { table: "one_type", column: ["*"], ...extra }),
    timeZone: zone,
  };
  const from = batches[0]?.columns ?? [];
  const prepared = await writer.prepare(side, { runId: declared, exactlyOnce: false, columns: from });
  const dirty: DirtyRecord[] = [];
  const session = await writer.open(side, splitRefOf(prepared, from, dirty, { runId: declared }));
  for (const batch of batches) await session.write(batch);
  await session.close();
  const found = new Map<string, string>();
  for (const { id, at, key } of places(of)) {
    const [row] = await database.query(`SELECT ${shows.replace(/\bc\b/, `c${at}`)} FROM one_type WHERE id = ${id}`);
    const isDirty = dirty.some(({ cells }) => String(cells[0]) === String(id));
    if (isDirty === (row !== undefined))
      throw new Error(`${declared}: record ${key} is both dirty and there, or neither`);
    found.set(key, row === undefined ? "dirty" : row[0] === null ? "NULL" : String(row[0]));
  }
  return found;
}

function expected(oracle: Oracle, of: readonly Source[]): Map<string, string> {
  return new Map(places(of).map(({ key, sample }) => [key, oracle(sample) ?? "dirty"]));
}

/** Where the two differ, with the value; floating point is compared as numbers, which have many spellings. */
function differences(found: Map<string, string>, right: Map<string, string>, isNumber: boolean): string[] {
  const plain = (text = "") => (isNumber && /\d/.test(text) ? String(Number(text)) : text);
  return places(sources)
    .filter(({ key }) => found.has(key) && plain(found.get(key)) !== plain(right.get(key)))
    .map(({ key, sample }) => `${key} ${displayedValue(sample.value)}: ${found.get(key)} instead of ${right.get(key)}`);
}

describe("every type of a source into every type of a target", () => {
  test.each(Object.entries(mysqlTargets))(
    "MySQL %s: equal, converted by the type table, or dirty",
    async (declared, { oracle }) => {
      const isNumber = /FLOAT|DOUBLE/.test(declared);
      const all = new Map([
        ...(await written(declared, typed, [records(typed)], {})),
        ...(await written(declared, stored, read, {})),
      ]);
      seen.set(declared, all);
      const right = new Map([...expected(oracle, typed), ...expected(oracle, stored)]);
      expect(all.size).toBe(right.size);
      expect(differences(all, right, isNumber)).toEqual([]);
      const inserted = await written(declared, typed, [records(typed)], { nullMode: "skipNull" });
      expect(differences(inserted, right, isNumber)).toEqual([]);
    },
  );

  test.each(Object.entries(tablestoreTargets))("Tablestore %s: the same", (name, oracle) => {
    const type = name.replace(/^ots /, "").replace("INTEGER", "INT").replace("BOOLEAN", "BOOL") as "STRING";
    const found = new Map(
      places(sources).map(({ sample, at, key }) => {
        const columns = [{ name: "c", type }];
        const make = changeMaker({ keys: [], columns }, [sources[at]?.column ?? { name: "", type: "string" }], zone);
        const made = make([sample.value]);
        const cell = isDirty(made) ? "dirty" : made.cells[0];
        const isInteger = type.startsWith("INT") && typeof cell === "string" && cell !== "dirty";
        if (isInteger) return [key, String(BigInt(cell))];
        return [key, Buffer.isBuffer(cell) ? cell.toString("hex").toUpperCase() : String(cell)];
      }),
    );
    seen.set(name, found);
    const isNumber = type.startsWith("DOUBLE");
    expect(differences(found, expected(oracle, sources), isNumber)).toEqual([]);
  });

  test("is what docs/types.md shows; SLUICE_WRITE_DOCS=1 writes it anew", () => {
    const text = readFileSync(document, "utf8");
    const [head = ""] = text.split(MARK);
    const whole = `${head}${MARK}\n\n${matrix()}`;
    if (process.env.SLUICE_WRITE_DOCS === "1") writeFileSync(document, whole);
    expect(readFileSync(document, "utf8")).toBe(whole);
  });
});

const MARK = "<!-- From here on written by test/conformance/type-matrix.test.ts -->";

function matrix(): string {
  const targets = [...Object.keys(mysqlTargets), ...Object.keys(tablestoreTargets)];
  const head = [`| value | ${targets.join(" | ")} |`, `|---${"|---".repeat(targets.length)}|`];
  const section = ({ title, samples }: Source): string => {
    const rows = samples.map(({ value }, i) => {
      const cells = targets.map((target) => seen.get(target)?.get(`${title}#${i}`) ?? "?");
      return `| ${displayedValue(value)} | ${cells.map((cell) => displayedCell(cell)).join(" | ")} |`;
    });
    return [`### ${title}`, "", ...head, ...rows, ""].join("\n");
  };
  return sources.map(section).join("\n");
}

function displayedValue(value: string | Buffer): string {
  if (Buffer.isBuffer(value)) return `\`x'${value.toString("hex")}'\``;
  return value === "" ? "(empty)" : `\`${value}\``;
}

function displayedCell(cell: string): string {
  if (cell === "dirty") return "✗";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: bytes that are text may be any
  const control = /[\u0000-\u001f\u007f]/g;
  const text = cell.replace(control, (sign) => `\\\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return cell === "" ? "(empty)" : text.replaceAll("|", "\\|");
}
