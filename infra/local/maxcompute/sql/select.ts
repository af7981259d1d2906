import { notHere } from "../errors.js";
import { type Cursor, type NameParts, namePartsAt } from "./cursor.js";
import { type Expression, parseExpression, parseSqlCondition } from "./expression.js";

/** What an item of the list is called, and what it is; `*` = all columns, keys of partitions at the end. */
export interface SelectItem {
  readonly expression: Expression | "*";
  readonly name: string | null;
}

/** A query of one table. */
export interface Select {
  readonly kind: "select";
  /** Null = of no table: one row of literals. */
  readonly from: NameParts | null;
  readonly items: readonly SelectItem[];
  readonly where: Expression | null;
  readonly groupBy: readonly Expression[];
  readonly orderBy: readonly { readonly expression: Expression; readonly isDescending: boolean }[];
  readonly limit: number | null;
}

/** Reads what follows `SELECT`. @throws SqlFailure */
export function parseSelect(at: Cursor): Select {
  if (at.accept("DISTINCT")) throw notHere("SELECT DISTINCT");
  const items = separated(at, () => item(at));
  const from = at.accept("FROM") ? table(at) : null;
  const where = at.accept("WHERE") ? parseSqlCondition(at) : null;
  const groupBy = at.accept("GROUP", "BY") ? separated(at, () => parseExpression(at)) : [];
  if (at.accept("HAVING")) throw notHere("HAVING");
  const orderBy = at.accept("ORDER", "BY") ? separated(at, () => order(at)) : [];
  const limit = at.accept("LIMIT") ? Number(at.take().text) : null;
  if (limit !== null && !Number.isInteger(limit)) at.fail("a number of rows");
  if (at.accept("OFFSET") || at.accept(",")) throw notHere("OFFSET");
  if (at.accept("UNION")) throw notHere("UNION");
  return { kind: "select", from, items, where, groupBy, orderBy, limit };
}

function separated<T>(at: Cursor, one: () => T): T[] {
  const found = [one()];
  while (at.accept(",")) found.push(one());
  return found;
}

function item(at: Cursor): SelectItem {
  if (at.accept("*")) return { expression: "*", name: null };
  const expression = parseExpression(at);
  const isNamed =
    at.accept("AS") || at.peek().kind === "quoted" || (at.peek().kind === "word" && !isKeyword(at.peek().text));
  return { expression, name: isNamed ? at.name() : null };
}

const keywords = new Set([
  "FROM",
  "WHERE",
  "GROUP",
  "HAVING",
  "ORDER",
  "LIMIT",
  "OFFSET",
  "UNION",
  "JOIN",
  "LEFT",
  "RIGHT",
  "INNER",
  "FULL",
  "CROSS",
  "LATERAL",
  "ON",
]);

function isKeyword(word: string): boolean {
  return keywords.has(word.toUpperCase());
}

function table(at: Cursor): NameParts {
  if (at.accept("(")) throw notHere("subquery");
  const name = namePartsAt(at);
  if (at.accept(",")) throw notHere("join");
  if (at.accept("AS") || (at.peek().kind === "word" && !isKeyword(at.peek().text))) at.name();
  const join = ["JOIN", "LEFT", "RIGHT", "INNER", "FULL", "CROSS", "LATERAL"].find((word) => at.accept(word));
  if (join) throw notHere(join === "LATERAL" ? "LATERAL VIEW" : "join");
  return name;
}

function order(at: Cursor): Select["orderBy"][number] {
  const expression = parseExpression(at);
  const isDescending = at.accept("DESC");
  if (!isDescending) at.accept("ASC");
  return { expression, isDescending };
}
