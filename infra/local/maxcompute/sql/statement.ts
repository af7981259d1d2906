import { notHere } from "../errors.js";
import type { ServedSpecPart } from "../partition-spec.js";
import type { ColumnRow } from "../rows.js";
import { type Cursor, cursorOf, type NameParts, namePartsAt } from "./cursor.js";
import { type Insert, parseInsert } from "./insert.js";
import { parseSelect, type Select } from "./select.js";

type Named<K extends string, More = unknown> = { readonly kind: K; readonly name: NameParts } & More;
type Specs = readonly (readonly ServedSpecPart[])[];
/** Partitions; those that are there already, or that are not, are no error when it is lenient. */
type Partitions = { readonly isLenient: boolean; readonly specs: Specs };
type Lenient = { readonly isLenient: boolean };

interface CreateTable extends Lenient {
  readonly kind: "createTable";
  readonly name: NameParts;
  readonly columns: readonly ColumnRow[];
  readonly keys: readonly ColumnRow[];
  readonly comment: string;
  readonly lifecycle: number;
}

/** A statement that changes something. */
export type ChangingStatement =
  | CreateTable
  | Named<"createSchema", Lenient>
  | Named<"dropSchema", Lenient>
  | Named<"dropTable", Lenient>
  | Named<"addPartitions", Partitions>
  | Named<"dropPartitions", Partitions>
  | Named<"addColumns", { readonly columns: readonly ColumnRow[] }>
  | Named<"setLifecycle", { readonly days: number }>
  | Named<"setComment", { readonly comment: string }>
  | Named<"renameTable", { readonly to: string }>
  | Named<"truncate", { readonly specs: Specs }>;

/** A statement that this service carries out. */
export type OdpsStatement =
  | ChangingStatement
  | { readonly kind: "showTables" }
  | Named<"showPartitions">
  | Named<"describe">
  | Insert
  | Select;

/** Reads one statement, its semicolon already gone. @throws SqlFailure; what this service does not have is refused by name */
export function parseStatement(sql: string): OdpsStatement {
  const at = cursorOf(sql);
  const [, parse] = starts.find(([words]) => at.accept(...words)) ?? [null, null];
  if (!parse) throw notHere(`statement ${at.peek().text.toUpperCase()}`);
  const statement = parse(at);
  if (at.peek().kind !== "end") at.fail("the end of the statement");
  return statement;
}

/** By the words a statement begins with; the first that fits. */
const starts: readonly (readonly [readonly string[], (at: Cursor) => OdpsStatement])[] = [
  [["CREATE", "TABLE"], createTable],
  [["CREATE", "SCHEMA"], (at) => ({ kind: "createSchema", isLenient: ifNotExists(at), name: namePartsAt(at) })],
  [["DROP", "SCHEMA"], (at) => ({ kind: "dropSchema", isLenient: ifExists(at), name: namePartsAt(at) })],
  [["DROP", "TABLE"], (at) => ({ kind: "dropTable", isLenient: ifExists(at), name: namePartsAt(at) })],
  [["ALTER", "TABLE"], alterTable],
  [["TRUNCATE", "TABLE"], (at) => ({ kind: "truncate", name: namePartsAt(at), specs: partitions(at) })],
  [["SHOW", "TABLES"], () => ({ kind: "showTables" })],
  [["SHOW", "PARTITIONS"], (at) => ({ kind: "showPartitions", name: namePartsAt(at) })],
  [["DESCRIBE"], describe],
  [["DESC"], describe],
  [["SELECT"], parseSelect],
  [["INSERT"], parseInsert],
];

function describe(at: Cursor): OdpsStatement {
  return { kind: "describe", name: namePartsAt(at) };
}

function ifNotExists(at: Cursor): boolean {
  return at.accept("IF", "NOT", "EXISTS");
}

function ifExists(at: Cursor): boolean {
  return at.accept("IF", "EXISTS");
}

function createTable(at: Cursor): OdpsStatement {
  const isLenient = ifNotExists(at);
  const name = namePartsAt(at);
  if (at.accept("LIKE")) throw notHere("CREATE TABLE … LIKE");
  if (at.accept("AS")) throw notHere("CREATE TABLE … AS SELECT");
  const columns = at.list(() => column(at));
  let [keys, comment, lifecycle]: [ColumnRow[], string, number] = [[], "", -1];
  while (at.peek().kind !== "end") {
    if (at.accept("COMMENT")) comment = at.text();
    else if (at.accept("PARTITIONED", "BY")) keys = at.list(() => column(at));
    else if (at.accept("LIFECYCLE")) lifecycle = Number(at.take().text);
    else if (at.accept("TBLPROPERTIES")) properties(at);
    else throw notHere(`${at.peek().text.toUpperCase()} in CREATE TABLE`);
  }
  return { kind: "createTable", name, isLenient, columns, keys, comment, lifecycle };
}

/** Properties that say what is so anyway. */
function properties(at: Cursor): void {
  const pair = () => {
    const name = at.text();
    at.expect("=");
    return [name, at.text()] as const;
  };
  for (const [name, value] of at.list(pair))
    if (name.toLowerCase() !== "transactional" || value.toLowerCase() !== "false")
      throw notHere(`table property ${name} = ${value}`);
}

function column(at: Cursor): ColumnRow {
  const name = at.name();
  const type = at.type();
  let [comment, nullable] = ["", true];
  for (;;) {
    if (at.accept("COMMENT")) comment = at.text();
    else if (at.accept("NOT", "NULL")) nullable = false;
    else if (!at.accept("NULL")) return { name, type, comment, nullable };
  }
}

/** `PARTITION (…)`, several times. */
function partitions(at: Cursor): ServedSpecPart[][] {
  const specs: ServedSpecPart[][] = [];
  while (at.accept("PARTITION")) {
    specs.push(at.list(() => specPart(at)));
    at.accept(",");
  }
  return specs;
}

function specPart(at: Cursor): ServedSpecPart {
  const key = at.name();
  at.expect("=");
  const { kind, text } = at.take();
  if (kind !== "text" && kind !== "number") at.fail("a value");
  return [key, text];
}

function alterTable(at: Cursor): OdpsStatement {
  const name = namePartsAt(at);
  if (at.accept("ADD", "COLUMNS")) return { kind: "addColumns", name, columns: at.list(() => column(at)) };
  if (at.accept("SET", "LIFECYCLE")) return { kind: "setLifecycle", name, days: Number(at.take().text) };
  if (at.accept("SET", "COMMENT")) return { kind: "setComment", name, comment: at.text() };
  if (at.accept("RENAME", "TO")) return { kind: "renameTable", name, to: at.name() };
  if (at.accept("ADD")) return { kind: "addPartitions", name, isLenient: ifNotExists(at), specs: somePartitions(at) };
  if (at.accept("DROP", "COLUMNS")) throw notHere("ALTER TABLE … DROP COLUMNS");
  if (at.accept("DROP")) return { kind: "dropPartitions", name, isLenient: ifExists(at), specs: somePartitions(at) };
  throw notHere(`ALTER TABLE … ${at.peek().text.toUpperCase()}`);
}

function somePartitions(at: Cursor): ServedSpecPart[][] {
  const specs = partitions(at);
  return specs.length > 0 ? specs : at.fail("PARTITION");
}
