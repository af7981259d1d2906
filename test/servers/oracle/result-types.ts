import type { ResultColumn } from "./answers.js";
import { type DeclaredTable, keptName, listParts } from "./create-table.js";
import { masked } from "./dialect.js";
import type { WireType } from "./values.js";

/** Tables by their names in upper case. */
export type Tables = ReadonlyMap<string, DeclaredTable>;

type Known = readonly ResultColumn[];

/** The columns of a query's result. What is no column of a table has the type of a text, unless it is a number or a date to see. */
export function resultColumns(sql: string, tables: Tables): readonly ResultColumn[] {
  const text = unwrapped(sql.trim().replace(/;\s*$/, ""));
  const [, name, names = "", rest = ""] = /^WITH\s+(\w+)\s*(?:\(([^()]*)\))?\s+AS\s*\(/i.exec(text)
    ? withParts(text)
    : [];
  if (name !== undefined) {
    const inner = resultColumns(names, tables);
    const renamed = rest.split("\u0002")[0] ?? "";
    const listed =
      renamed === "" ? inner : renamed.split(",").map((one, at) => ({ ...inner[at]!, name: keptName(one) }));
    return selectColumns(rest.split("\u0002")[1] ?? "", tables, new Map([[name.toUpperCase(), listed]]));
  }
  return selectColumns(text, tables, new Map());
}

/** `WITH name (names) AS (query) SELECT …`: name, query, and names and the rest. */
function withParts(text: string): [string, string, string, string] {
  const [head = "", name = "", names = ""] = /^WITH\s+(\w+)\s*(?:\(([^()]*)\))?\s+AS\s*\(/i.exec(text) ?? [];
  const end = closing(text, head.length - 1);
  return ["", name, text.slice(head.length, end), `${names}\u0002${text.slice(end + 1)}`];
}

function closing(text: string, open: number): number {
  let depth = 0;
  const { length } = text;
  let quote = "";
  for (let at = open; at < length; at++) {
    const character = text[at] ?? "";
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (character === "(") depth++;
    else if (character === ")" && --depth === 0) return at;
  }
  return length;
}

function unwrapped(text: string): string {
  return text.startsWith("(") && closing(text, 0) === text.length - 1 ? unwrapped(text.slice(1, -1).trim()) : text;
}

function selectColumns(sql: string, tables: Tables, named: ReadonlyMap<string, Known>): readonly ResultColumn[] {
  const text = unwrapped(sql.trim()).replace(/^SELECT\s+(?:DISTINCT\s+)?/i, "");
  const from = topLevelFrom(text);
  const list = from < 0 ? text : text.slice(0, from);
  const known = from < 0 ? [] : sourceColumns(text.slice(from + 4).trim(), tables, named);
  const end = from < 0 ? /\bUNION\b/i.exec(masked(list).code)?.index : undefined;
  return listParts(end === undefined ? list : list.slice(0, list.search(/\bUNION\b/i))).flatMap((item) =>
    itemColumns(item, known),
  );
}

function topLevelFrom(text: string): number {
  let depth = 0;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (depth === 0 && /^FROM[\s(]/i.test(text.slice(at, at + 5)) && /\s/.test(text[at - 1] ?? " ")) return at;
  }
  return -1;
}

function sourceColumns(from: string, tables: Tables, named: ReadonlyMap<string, Known>): Known {
  if (from.startsWith("(")) return resultColumns(from.slice(1, closing(from, 0)), tables);
  const [, written = ""] = /^(?:(?:"[^"]+"|\w+)\s*\.\s*)?("[^"]+"|[\w$#]+)/.exec(from) ?? [];
  const name = keptName(written).toUpperCase();
  const table = tables.get(name);
  return (
    named.get(name) ??
    (table
      ? table.columns
          .filter(({ isInvisible }) => !isInvisible)
          .map(ofTable)
          .concat(
            table.columns
              .filter(({ isInvisible }) => isInvisible)
              .map((one) => ({ ...ofTable(one), name: `\u0000${one.name}` })),
          )
      : [])
  );
}

function ofTable({ name, type, precision, scale }: DeclaredTable["columns"][number]): ResultColumn {
  if (type === "NUMBER") return { name, type, precision: precision ?? (scale === null ? 0 : 38), scale: scale ?? -127 };
  return { name, type, precision: 0, scale: scale ?? 0 };
}

function itemColumns(item: string, known: Known): readonly ResultColumn[] {
  if (/^(?:\w+\s*\.\s*)?\*$/.test(item)) return known.filter(({ name }) => !name.startsWith("\u0000"));
  const [, aliased, alias] = /^([\s\S]*?)\s+(?:AS\s+)?("[^"]+"|[A-Za-z_]\w*)$/i.exec(item) ?? [];
  const expression = (
    alias !== undefined && aliased !== undefined && !/^(?:END|NULL)$/i.test(alias) ? aliased : item
  ).trim();
  const [, last] = /^(?:(?:"[^"]+"|\w+)\s*\.\s*)*("[^"]+"|[A-Za-z_][\w$#]*)$/.exec(expression) ?? [];
  const wanted = last === undefined ? undefined : keptName(last);
  const column =
    known.find(({ name }) => name.replace("\u0000", "") === wanted) ??
    known.find(({ name }) => name.replace("\u0000", "").toUpperCase() === wanted?.toUpperCase());
  const name =
    alias !== undefined && expression !== item
      ? keptName(alias)
      : (wanted ?? expression.toUpperCase().replace(/\s+/g, "").slice(0, 128));
  return [column ? { ...column, name } : { name, ...typeOf(expression, known) }];
}

const number = { type: "NUMBER" as const, precision: 0, scale: -127 };
const shapes: readonly (readonly [RegExp, Omit<ResultColumn, "name">])[] = [
  [/^-?\d[\d.]*$|^(?:COUNT|FLOOR|ROW_NUMBER|MOD)\s*\(|^LEVEL$|^ROWNUM$/i, number],
  [/^'/, plain("CHAR")],
  [/^(?:SYSDATE$|TO_DATE\s*\(|DATE\s+')/i, plain("DATE")],
  [/^SYSTIMESTAMP$/i, { type: "TIMESTAMP WITH TIME ZONE", precision: 0, scale: 9 }],
  [/^(?:TO_TIMESTAMP\s*\(|TIMESTAMP\s+')/i, { type: "TIMESTAMP", precision: 0, scale: 9 }],
  [/^(?:TO_CLOB|XMLSERIALIZE)\s*\(/i, plain("CLOB")],
  [/^ROWID$/i, plain("ROWID")],
];

function plain(type: WireType): Omit<ResultColumn, "name"> {
  return { type, precision: 0, scale: 0 };
}

function typeOf(expression: string, known: Known): Omit<ResultColumn, "name"> {
  const [, first] = /^("[^"]+"|\w+)\s*[-+*/]\s*\d+$/.exec(expression) ?? [];
  const operand = first === undefined ? undefined : known.find(({ name }) => name === keptName(first));
  if (operand) return operand.type === "NUMBER" ? number : operand;
  return shapes.find(([shape]) => shape.test(expression))?.[1] ?? plain("VARCHAR2");
}
