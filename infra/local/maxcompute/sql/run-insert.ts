import type { WireType } from "../../../../shared/connectors/odps/wire/column-type.js";
import type { WireValue } from "../../../../shared/connectors/odps/wire/values.js";
import type { Store } from "../../store/store.js";
import { SqlFailure } from "../errors.js";
import { odpsRowKey } from "../keys.js";
import { dropContents } from "../pages.js";
import { canonicalSpec } from "../partition-spec.js";
import { encodeOdpsRow, type LeafRow, leafKey, type OdpsSegment, rowAt, type TableRow } from "../rows.js";
import { wireTypes } from "../send-records.js";
import { emptyLeaf } from "../upload.js";
import { assignedLiteral, assignment } from "./assign.js";
import type { EvaluatedRow } from "./evaluate.js";
import type { Expression } from "./expression.js";
import type { Insert } from "./insert.js";
import type { Selected } from "./run-select.js";
import { displayedValue } from "./scalar.js";
import { keepRows, type RowKeeper } from "./store-rows.js";

/** What an INSERT works with. */
export interface Insertion {
  readonly store: Store;
  readonly now: number;
  readonly table: TableRow;
  readonly statement: Insert;
  /** Null = the statement has the values itself. */
  readonly selected: Selected | null;
}

/** Carries out an INSERT: all that it changes is there at once. @throws SqlFailure */
export async function runInsert(insertion: Insertion): Promise<void> {
  const { store, table, statement, now } = insertion;
  const plan = planOf(insertion);
  const keepers = new Map<string, RowKeeper>();
  const keeperOf = (spec: string) => {
    const keeper = keepers.get(spec) ?? keepRows(store, plan.types);
    keepers.set(spec, keeper);
    return keeper;
  };
  if (plan.fixed !== null) keeperOf(plan.fixed);
  for await (const row of rowsOf(insertion, plan)) {
    refuseNull(table, row);
    await keeperOf(plan.fixed ?? specOf(table, statement, row.slice(table.columns.length))).add(row);
  }
  const kept: [string, OdpsSegment][] = [];
  for (const [spec, keeper] of keepers) kept.push([spec, await keeper.finish()]);
  const dropped = await store.write((tx) =>
    kept.flatMap(([spec, segment]) => {
      const leaf = rowAt<LeafRow>(tx, leafKey(table.id, spec)) ?? emptyLeaf(spec, now);
      const before = statement.overwrites ? [] : leaf.segments;
      const segments = segment.records > 0 ? [...before, segment] : before;
      tx.del(odpsRowKey("loose", segment.content));
      tx.put(leafKey(table.id, spec), encodeOdpsRow({ ...leaf, segments, modified: now } satisfies LeafRow));
      return statement.overwrites ? leaf.segments : [];
    }),
  );
  await dropContents(store, dropped);
}

interface InsertPlan {
  /** Of the table's columns. */
  readonly types: readonly WireType[];
  /** Where the values of a row go: places of columns, behind them those of keys that rows tell. */
  readonly places: readonly { readonly at: number; readonly name: string; readonly type: WireType }[];
  /** The one partition of all rows; null = each tells its own. */
  readonly fixed: string | null;
}

function planOf({ table, statement }: Insertion): InsertPlan {
  const { keys, columns } = table;
  const { partition } = statement;
  const refuse = (message: string): never => {
    throw new SqlFailure("0130071", `Semantic analysis exception - ${message}`);
  };
  if (partition.map(([key]) => key).join() !== keys.map(({ name }) => name).join())
    return refuse(
      keys.length === 0
        ? `${table.name} has no partitions`
        : `${table.name} is partitioned by ${keys.map(({ name }) => name).join(", ")}: PARTITION names all of them in that order`,
    );
  const loose = partition.findIndex(([, value]) => value === null);
  if (loose >= 0 && partition.slice(loose).some(([, value]) => value !== null))
    return refuse("keys that rows tell come behind those with a value");
  const types = wireTypes(columns);
  const names = statement.columns ?? columns.map(({ name }) => name);
  const ofColumns = names.map((name) => {
    const at = columns.findIndex((one) => one.name === name);
    const type = types[at];
    return type ? { at, name, type } : refuse(`column ${name} cannot be resolved`);
  });
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return refuse(`column ${twice} is named twice`);
  const dynamic = partition.flatMap(([name, value], at) => (value === null ? [{ at, name }] : []));
  const ofKeys = dynamic.map(({ name, at }) => ({ at: columns.length + at, name, type: { kind: "string" } as const }));
  const fixed =
    dynamic.length > 0
      ? null
      : canonicalSpec(
          keys,
          partition.map(([, value]) => value ?? ""),
        );
  return { types, places: [...ofColumns, ...ofKeys], fixed };
}

/** Rows with a value for each column, and behind them one for each key. */
async function* rowsOf(
  { table, statement, selected }: Insertion,
  { places }: InsertPlan,
): AsyncGenerator<EvaluatedRow> {
  const width = table.columns.length + table.keys.length;
  const filled = (values: readonly WireValue[]) => {
    const row: WireValue[] = Array.from({ length: width }, () => null);
    for (const [at, place] of places.entries()) row[place.at] = values[at] ?? null;
    return row;
  };
  const check = (found: number) => {
    if (found !== places.length)
      throw new SqlFailure("0130071", `Semantic analysis exception - ${found} values for ${places.length} columns`);
  };
  if (selected) {
    check(selected.columns.length);
    const assigns = places.map(({ type, name }, at) => assignment(selected.columns[at]?.type ?? type, type, name));
    for await (const row of selected.rows) yield filled(assigns.map((assign, at) => assign(row[at] ?? null)));
    return;
  }
  for (const expressions of statement.rows as readonly (readonly Expression[])[]) {
    check(expressions.length);
    yield filled(expressions.map((expression, at) => literalFor(expression, places[at])));
  }
}

function literalFor(expression: Expression, place: InsertPlan["places"][number] | undefined): WireValue {
  if (expression.kind !== "literal" || !place)
    throw new SqlFailure("0130071", `Semantic analysis exception - VALUES takes literals, not a ${expression.kind}`);
  return expression.value === null ? null : assignedLiteral(String(expression.value), place.type, place.name);
}

function refuseNull({ columns }: TableRow, row: EvaluatedRow): void {
  const odd = columns.find(({ nullable }, at) => !nullable && row[at] === null);
  if (odd) throw new SqlFailure("0123110", `Not null column ${odd.name} got a NULL`);
}

function specOf({ keys }: TableRow, { partition }: Insert, ofKeys: EvaluatedRow): string {
  const values = partition.map(([key, value], at) => {
    const text = value ?? displayedValue(ofKeys[at] ?? null, { kind: "string" });
    if (text === "" || (value === null && ofKeys[at] === null))
      throw new SqlFailure("0123031", `Partition exception - the value of ${key} is NULL or empty`);
    return text;
  });
  return canonicalSpec(keys, values);
}
