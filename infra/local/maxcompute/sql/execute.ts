import { openRecordReader } from "../../../../shared/connectors/odps/wire/record-reader.js";
import { takeValue, type WireValue } from "../../../../shared/connectors/odps/wire/values.js";
import type { Store } from "../../store/store.js";
import type { Maxcompute } from "../call.js";
import { notHere, SqlFailure } from "../errors.js";
import { nameOfKey, odpsKeyBoundsOf } from "../keys.js";
import { hasSchemas, leavesOf, requireProject } from "../metadata.js";
import { dropContents, readPages } from "../pages.js";
import { canonicalSpec } from "../partition-spec.js";
import {
  DEFAULT_SCHEMA,
  type InstanceRow,
  type LeafRow,
  odpsTableKey,
  recordsOf,
  rowAt,
  type TableName,
  type TableRow,
} from "../rows.js";
import { wireTypes } from "../send-records.js";
import type { NameParts } from "./cursor.js";
import {
  addColumns,
  addPartitions,
  type Change,
  changeSchema,
  dropPartitions,
  dropTable,
  renameTable,
  requireForSql,
  runCreateTable,
  setProperty,
  truncate,
} from "./ddl.js";
import type { EvaluatedRow, TypedColumns } from "./evaluate.js";
import type { Insert } from "./insert.js";
import { runInsert } from "./run-insert.js";
import { resultColumns, runSelect, type Selected } from "./run-select.js";
import type { Select } from "./select.js";
import { type ChangingStatement, parseStatement } from "./statement.js";
import { keepRows } from "./store-rows.js";

/** Where a statement runs. */
export interface SqlContext {
  readonly project: string;
  /** Of names without a schema. */
  readonly schema: string;
}

/** What a statement gave. */
export type SqlResult = Pick<InstanceRow, "text" | "result">;

/** Carries out one statement. @throws SqlFailure */
export async function execute(maxcompute: Maxcompute, context: SqlContext, sql: string): Promise<SqlResult> {
  const statement = parseStatement(sql);
  if (statement.kind === "select") return { text: "", result: await select(maxcompute, context, statement) };
  if (statement.kind === "insert") return insert(maxcompute, context, statement);
  if (statement.kind === "showTables")
    return { text: await tableNames(maxcompute.context.store, context), result: null };
  const name = resolve(maxcompute, context, statement.name);
  if (statement.kind === "showPartitions" || statement.kind === "describe")
    return { text: await displayText(maxcompute.context.store, name, statement.kind), result: null };
  await change(maxcompute, name, statement);
  return { text: "", result: null };
}

/** `a.b` is a table of a project, or of a schema where the project has some. */
function resolve({ context }: Maxcompute, { project, schema }: SqlContext, parts: NameParts): TableName {
  const table = parts.at(-1) ?? "";
  const [first = "", second = ""] = parts;
  const named = (of: string, within: string): TableName => {
    requireProject(context.store, of);
    return { project: of, schema: within, table };
  };
  if (parts.length === 3) return named(first, second);
  if (parts.length === 1) return named(project, schema);
  const isSchema = first !== project && hasSchemas(requireProject(context.store, project));
  return isSchema ? named(project, first) : named(first, DEFAULT_SCHEMA);
}

async function change({ context }: Maxcompute, name: TableName, statement: ChangingStatement): Promise<void> {
  const { store } = context;
  const table = rowAt<TableRow>(store, odpsTableKey(name));
  const specs: string[] = [];
  if (table)
    for await (const [key] of store.range(odpsKeyBoundsOf("leaf", table.id))) specs.push(nameOfKey(key)[1] ?? "");
  const dropped = await store.write((tx) => changed({ tx, name, specs, now: context.now() }, statement));
  await dropContents(store, dropped);
}

function changed(at: Change, statement: ChangingStatement) {
  switch (statement.kind) {
    case "createTable":
      return runCreateTable(at, statement);
    case "createSchema":
    case "dropSchema":
      return changeSchema(at, statement);
    case "dropTable":
      return dropTable(at, statement);
    case "addPartitions":
      return addPartitions(at, statement);
    case "dropPartitions":
      return dropPartitions(at, statement);
    case "addColumns":
      return addColumns(at, statement);
    case "setLifecycle":
    case "setComment":
      return setProperty(at, statement);
    case "renameTable":
      return renameTable(at, statement);
    case "truncate":
      return truncate(at, statement);
  }
}

async function tableNames(store: Store, { project, schema }: SqlContext): Promise<string> {
  const names: string[] = [];
  for await (const [key] of store.range(odpsKeyBoundsOf("table", project, schema)))
    names.push(`ALIYUN$local:${nameOfKey(key)[2]}`);
  return names.join("\n");
}

async function displayText(store: Store, name: TableName, kind: "showPartitions" | "describe"): Promise<string> {
  const table = requireForSql(store, name);
  const leaves = await leavesOf(store, table);
  if (kind === "showPartitions") return leaves.map(({ values }) => canonicalSpec(table.keys, values)).join("\n");
  const lines = [...table.columns, ...table.keys].map(
    (column) => `| ${column.name} | ${column.type} | ${column.comment} |`,
  );
  return [
    `| Table: ${table.name} |`,
    ...lines,
    `| Records: ${leaves.reduce((sum, leaf) => sum + recordsOf(leaf), 0)} |`,
  ].join("\n");
}

async function select(maxcompute: Maxcompute, context: SqlContext, statement: Select): Promise<InstanceRow["result"]> {
  const selected = selectedOf(maxcompute, context, statement);
  const odd = selected.columns.find(({ name }, at) => selected.columns.findIndex((one) => one.name === name) !== at);
  if (odd) throw new SqlFailure("0130071", `Semantic analysis exception - column ${odd.name} is selected twice`);
  const types = selected.columns.map(({ type }) => type);
  const keeper = keepRows(maxcompute.context.store, types);
  for await (const row of selected.rows) await keeper.add(row);
  return { columns: resultColumns(selected), segment: await keeper.finish() };
}

function selectedOf(maxcompute: Maxcompute, context: SqlContext, statement: Select): Selected {
  const { store } = maxcompute.context;
  const table = statement.from && requireForSql(store, resolve(maxcompute, context, statement.from));
  return runSelect(statement, table ? layoutOf(table) : [], table ? rowsOf(store, table) : oneRow());
}

async function insert(maxcompute: Maxcompute, context: SqlContext, statement: Insert): Promise<SqlResult> {
  const { store, now } = maxcompute.context;
  const table = requireForSql(store, resolve(maxcompute, context, statement.name));
  const { rows } = statement;
  const selected = "kind" in rows ? selectedOf(maxcompute, context, rows) : null;
  await runInsert({ store, now: now(), table, statement, selected });
  return { text: "", result: null };
}

function layoutOf(table: TableRow): TypedColumns {
  const all = [...table.columns, ...table.keys];
  return wireTypes(all).map((type, at) => ({ name: all[at]?.name ?? "", type }));
}

async function* oneRow(): AsyncGenerator<EvaluatedRow> {
  yield [];
}

/** All rows of a table, partition by partition. */
async function* rowsOf(store: Store, table: TableRow): AsyncGenerator<EvaluatedRow> {
  for (const leaf of await leavesOf(store, table)) yield* rowsOfLeaf(store, table, leaf);
}

async function* rowsOfLeaf(store: Store, table: TableRow, leaf: LeafRow): AsyncGenerator<EvaluatedRow> {
  const types = wireTypes(table.columns);
  const keys = table.keys.map(({ type }, at) => keyValue(type, leaf.values[at] ?? ""));
  const all = { start: 0, count: recordsOf(leaf) };
  for await (const { data } of readPages(store, leaf.segments, all)) {
    const rows: WireValue[][] = [];
    let row: WireValue[] = [];
    const reader = openRecordReader({
      begin: () => {
        row = types.map(() => null);
      },
      field(column, intake) {
        const type = types[column - 1];
        if (type) row[column - 1] = takeValue(intake, type);
      },
      end: () => void rows.push([...row, ...keys]),
    });
    reader.feed(data);
    yield* rows;
  }
}

function keyValue(type: string, text: string): WireValue {
  return /int$/.test(type) ? BigInt(text) : Buffer.from(text);
}

/** A statement behind its settings: `SET k=v;` lines stand before it. @throws SqlFailure for several statements */
export function withoutSettings(text: string): { sql: string; settings: Readonly<Record<string, string>> } {
  const setting = /^\s*(?:--[^\n]*\n\s*)*set\s+([\w.]+)\s*=\s*([^;]*);/i;
  const settings: Record<string, string> = {};
  let rest = text;
  for (let match = setting.exec(rest); match; match = setting.exec(rest)) {
    settings[match[1] ?? ""] = (match[2] ?? "").trim();
    rest = rest.slice(match[0].length);
  }
  const sql = rest.replace(/[\s;]+$/, "");
  if (sql.trim() === "") throw notHere("statement that is empty");
  return { sql, settings };
}
