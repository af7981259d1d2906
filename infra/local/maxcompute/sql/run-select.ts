import { odpsTypeName, type WireType } from "../../../../shared/connectors/odps/wire/column-type.js";
import type { WireValue } from "../../../../shared/connectors/odps/wire/values.js";
import { notHere, SqlFailure } from "../errors.js";
import { gathering } from "./aggregate.js";
import { condition, type EvaluatedRow, scalars, type TypedColumns, typed } from "./evaluate.js";
import type { Expression } from "./expression.js";
import { compareScalars, type Scalar } from "./scalar.js";
import type { Select, SelectItem } from "./select.js";

/** The result of a query. */
export interface Selected {
  readonly columns: readonly { readonly name: string; readonly type: WireType }[];
  readonly rows: AsyncIterable<EvaluatedRow>;
}

/**
 * Carries out a query over rows.
 *
 * @param layout  the table's columns, keys of partitions last: `*` has both, as MaxCompute's has
 * @throws SqlFailure
 */
export function runSelect(select: Select, layout: TypedColumns, rows: AsyncIterable<EvaluatedRow>): Selected {
  const items = select.items.flatMap((item) => spread(item, layout));
  const isWanted = select.where === null ? () => true : condition(select.where, layout);
  const isGrouped = select.groupBy.length > 0 || items.some(({ expression }) => expression.kind === "aggregate");
  const wanted = filtered(rows, isWanted);
  const query = { select, items, layout };
  const { types, results } = isGrouped ? grouped(query, wanted) : plain(query, wanted);
  const columns = items.map(({ name, expression }, at) => {
    const type: WireType = types[at] ?? { kind: "string" };
    return { name: name ?? (expression.kind === "column" ? expression.name : `_c${at}`), type };
  });
  return { columns, rows: limited(results, select.limit) };
}

interface Item {
  readonly expression: Expression;
  readonly name: string | null;
}

interface Query {
  readonly select: Select;
  readonly items: readonly Item[];
  readonly layout: TypedColumns;
}

interface Results {
  readonly types: readonly WireType[];
  readonly results: AsyncIterable<EvaluatedRow>;
}

function spread({ expression, name }: SelectItem, layout: TypedColumns): Item[] {
  if (expression !== "*") return [{ expression, name }];
  return layout.map((column) => ({ expression: { kind: "column", name: column.name }, name: null }));
}

async function* filtered(
  rows: AsyncIterable<EvaluatedRow>,
  isWanted: (row: EvaluatedRow) => boolean,
): AsyncGenerator<EvaluatedRow> {
  for await (const row of rows) if (isWanted(row)) yield row;
}

async function* limited(rows: AsyncIterable<EvaluatedRow>, limit: number | null): AsyncGenerator<EvaluatedRow> {
  let left = limit ?? Number.POSITIVE_INFINITY;
  if (left === 0) return;
  for await (const row of rows) {
    yield row;
    if (--left === 0) return;
  }
}

function plain({ select, items, layout }: Query, rows: AsyncIterable<EvaluatedRow>): Results {
  const values = items.map(({ expression }) => typed(expression, layout));
  const ranks = select.orderBy.map(({ expression }) => scalars(typed(named(expression, items), layout)));
  const made = mapped(rows, (row) => values.map((one) => one.value(row)));
  const types = values.map(({ type }) => type);
  if (ranks.length === 0) return { types, results: made };
  const keyed = mapped(rows, (row) => ({
    row: values.map((one) => one.value(row)),
    keys: ranks.map((one) => one(row)),
  }));
  return { types, results: sorted(keyed, select) };
}

/** `order by` may use the names that the list gives. */
function named(expression: Expression, items: readonly Item[]): Expression {
  if (expression.kind !== "column") return expression;
  return items.find(({ name }) => name === expression.name)?.expression ?? expression;
}

async function* mapped<A, B>(rows: AsyncIterable<A>, make: (row: A) => B): AsyncGenerator<B> {
  for await (const row of rows) yield make(row);
}

interface Keyed {
  readonly row: EvaluatedRow;
  readonly keys: readonly (Scalar | null)[];
}

async function* sorted(rows: AsyncIterable<Keyed>, { orderBy }: Select): AsyncGenerator<EvaluatedRow> {
  const all: Keyed[] = [];
  for await (const one of rows) all.push(one);
  all.sort((a, b) => {
    for (const [at, { isDescending }] of orderBy.entries()) {
      const order = compareNullable(a.keys[at] ?? null, b.keys[at] ?? null);
      if (order !== 0) return isDescending ? -order : order;
    }
    return 0;
  });
  for (const { row } of all) yield row;
}

/** Nulls come first. */
function compareNullable(a: Scalar | null, b: Scalar | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compareScalars(a, b);
}

function grouped({ select, items, layout }: Query, rows: AsyncIterable<EvaluatedRow>): Results {
  const keys = select.groupBy.map((expression) => typed(named(expression, items), layout));
  const ranks = keys.map(scalars);
  const columns = items.map(({ expression }) => {
    if (expression.kind === "aggregate") return gathering(expression, layout);
    if (expression.kind === "literal") return keyColumn(expression, layout);
    const isKey = select.groupBy.some((key) => JSON.stringify(named(key, items)) === JSON.stringify(expression));
    if (isKey) return keyColumn(expression, layout);
    const name = expression.kind === "column" ? expression.name : expression.kind;
    throw new SqlFailure("0130071", `Semantic analysis exception - column ${name} is not in GROUP BY`);
  });
  const order = select.orderBy.map(({ expression }) => placeOf(expression, items));
  return {
    types: columns.map(({ type }) => type),
    results: gathered(rows, { columns, ranks, order, select }),
  };
}

/** Of a group every row has the same. */
function keyColumn(expression: Expression, layout: TypedColumns): ReturnType<typeof gathering> {
  const { type, value } = typed(expression, layout);
  return {
    type,
    start() {
      let found: WireValue = null;
      return {
        add: (row) => {
          found = value(row);
        },
        result: () => found,
      };
    },
  };
}

function placeOf(expression: Expression, items: readonly Item[]): number {
  const wanted = JSON.stringify(named(expression, items));
  const at = items.findIndex((item) => JSON.stringify(item.expression) === wanted);
  if (at < 0) throw notHere("ORDER BY of what is not in the list of a grouped query");
  return at;
}

interface Grouping {
  readonly columns: readonly ReturnType<typeof gathering>[];
  readonly ranks: readonly ((row: EvaluatedRow) => Scalar | null)[];
  readonly order: readonly number[];
  readonly select: Select;
}

async function* gathered(
  rows: AsyncIterable<EvaluatedRow>,
  { columns, ranks, order, select }: Grouping,
): AsyncGenerator<EvaluatedRow> {
  const groups = new Map<string, ReturnType<ReturnType<typeof gathering>["start"]>[]>();
  const start = () => columns.map((one) => one.start());
  for await (const row of rows) {
    const key = JSON.stringify(ranks.map((rank) => String(rank(row))));
    const group = groups.get(key) ?? start();
    groups.set(key, group);
    for (const one of group) one.add(row);
  }
  if (groups.size === 0 && ranks.length === 0) groups.set("", start());
  const made = [...groups.values()].map((group) => group.map((one) => one.result()));
  if (order.length === 0) return yield* made;
  const keyed = made.map((row) => {
    const rankOf = (at: number) =>
      scalars({ type: columns[at]?.type ?? { kind: "string" }, value: (one) => one[at] ?? null });
    return { row, keys: order.map((at) => rankOf(at)(row)) };
  });
  yield* sorted(toAsync(keyed), select);
}

async function* toAsync<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** The names of types, as a result's schema has them. */
export function resultColumns({
  columns,
}: Selected): { name: string; type: string; comment: string; nullable: boolean }[] {
  return columns.map(({ name, type }) => ({ name, type: odpsTypeName(type), comment: "", nullable: true }));
}
