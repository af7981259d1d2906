import type { Cell, DataRecord } from "../../model/batch.js";
import { InternalError } from "../../model/errors.js";
import type { RowRefusal } from "../sql/write/refusal.js";
import type { Attempt, RefusedRow } from "../sql/write/refused-rows.js";
import type { BoundSetting } from "../sql/write/system.js";
import { boundColumns, isLargeColumn, oracleRowSql } from "./bind-sql.js";
import type { OracleBind, OracleConnection } from "./connection.js";
import { foreignCharacters } from "./foreign-characters.js";
import { isDuplicate, oracleRefusalOf } from "./refusal.js";
import { type OraclePlan, type OracleTarget, oracleOwn } from "./target-column.js";
import type { OracleTypes } from "./types.js";

/** Most bytes of a text, and of bytes, that any server takes within SQL; longer ones are bound as what goes into large columns. */
const most = { text: 4_000, bytes: 2_000 } as const;

/**
 * Loads rows with one round trip for many. The server names each row that it does not take, and takes all others; one that it takes by
 * halves there is none of.
 */
export async function loadOracleRows(
  client: OracleConnection,
  rows: readonly DataRecord[],
  { plan, batchSize }: BoundSetting<OracleTypes>,
): Promise<Attempt> {
  const foreign = oracleOwn(plan.own).isUnicode ? null : await foreignCharacters(client, plan, rows);
  const refused: RefusedRow[] = [...(foreign ?? [])];
  const isForeign = new Set(refused.map(({ index }) => index));
  for (const part of partsOf(rows, plan, batchSize)) {
    const sent = part.indexes.filter((index) => !isForeign.has(index));
    if (sent.length === 0) continue;
    const found = await loadPart(client, plan, { ...part, indexes: sent, rows });
    if (found === null) return { kind: "refused", suspects: [] };
    refused.push(...found);
  }
  return { kind: "taken", refused: refused.sort((a, b) => a.index - b.index) };
}

/** Rows that one statement takes. */
interface Part {
  readonly indexes: readonly number[];
  /** Columns whose default is taken in place of a null. */
  readonly without: ReadonlySet<number>;
}

/** In order, so that of two rows with one key the later one wins where that matters. */
function* partsOf(rows: readonly DataRecord[], plan: OraclePlan, batchSize: number): Generator<Part> {
  let [indexes, last]: [number[], string] = [[], ""];
  const part = (): Part => ({ indexes, without: new Set(last === "" ? [] : last.split(",").map(Number)) });
  for (const [index, row] of rows.entries()) {
    const without = plan.columns
      .flatMap(({ defaultForNull }, at) => (defaultForNull && isNull(row[at]) ? [at] : []))
      .join();
    if (indexes.length > 0 && (without !== last || indexes.length >= batchSize)) {
      yield part();
      indexes = [];
    }
    last = without;
    indexes.push(index);
  }
  if (indexes.length > 0) yield part();
}

function isNull(cell: Cell | undefined): boolean {
  return cell === null || cell === undefined || cell.length === 0;
}

/** @returns null when the statement fails at a row as a whole */
async function loadPart(
  client: OracleConnection,
  plan: OraclePlan,
  { indexes, without, rows }: Part & { readonly rows: readonly DataRecord[] },
): Promise<RefusedRow[] | null> {
  const places = boundColumns(plan.columns, without);
  const values = indexes.map((index) =>
    places.map((at) => (isNull(rows[index]?.[at]) ? null : (rows[index]?.[at] ?? null))),
  );
  const binds = places.map((at, place) => bindOf(plan, plan.columns[at] as OracleTarget, longest(values, place)));
  try {
    const { taken, refused } = await client.executeMany(oracleRowSql(plan, without), binds, values);
    const found = refused.map(({ offset, error }) => ({ index: indexes[offset] ?? -1, why: refusalOf(error) }));
    if (plan.mode === "insert" && taken + found.length !== indexes.length)
      throw new InternalError(
        "INTERNAL",
        `of ${indexes.length} rows the server took ${taken} and refused ${found.length}`,
      );
    return plan.mode === "ignore" ? found.filter(({ why }) => !isDuplicate(why)) : found;
  } catch (error) {
    const why = oracleRefusalOf(error);
    if (why === null) throw error;
    return indexes.length === 1 ? [{ index: indexes[0] ?? 0, why }] : null;
  }
}

function refusalOf(error: unknown): RowRefusal {
  const why = oracleRefusalOf(error);
  if (why === null) throw error;
  return why;
}

function longest(values: readonly (readonly Cell[])[], place: number): number {
  let size = 1;
  for (const row of values) {
    const cell = row[place] ?? null;
    if (cell !== null) size = Math.max(size, typeof cell === "string" ? Buffer.byteLength(cell) : cell.length);
  }
  return size;
}

/** A value within SQL, or as one of a large column: streamed into it where the server allows that, else by a temporary LOB for each. */
function bindOf({ mode }: OraclePlan, column: OracleTarget, maxSize: number): OracleBind {
  const { dataType, takesBytes } = column;
  const isNational = /^n/.test(dataType) && dataType !== "number";
  const isInline = maxSize <= (takesBytes ? most.bytes : most.text) && dataType !== "xmltype";
  if (!isLargeColumn(column) || isInline)
    return { kind: takesBytes ? "bytes" : isNational ? "national" : "text", maxSize };
  if ((mode === "insert" || mode === "ignore") && dataType !== "xmltype")
    return { kind: takesBytes ? "longBytes" : isNational ? "longNational" : "long", maxSize };
  return { kind: takesBytes ? "blob" : isNational ? "nclob" : "clob", maxSize };
}
