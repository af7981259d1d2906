import type { WireType } from "./values.js";
import { wireTypes } from "./values.js";

/** A column as CREATE TABLE declares it. */
export interface DeclaredColumn {
  readonly name: string;
  /** Such as `TIMESTAMP WITH TIME ZONE`. */
  readonly type: WireType;
  /** As the dictionary shows it, such as `TIMESTAMP(6) WITH TIME ZONE`. */
  readonly displayedBy: string;
  readonly length: number | null;
  readonly countsCharacters: boolean;
  readonly precision: number | null;
  readonly scale: number | null;
  readonly isNullable: boolean;
  readonly isVirtual: boolean;
  readonly isInvisible: boolean;
  readonly identity: "ALWAYS" | "BY DEFAULT" | null;
  /** SQL of its default; NULL where there is none. */
  readonly defaultSql: string;
  /** The same for SQLite. */
  readonly sql: string;
}

/** A table as CREATE TABLE declares it. */
export interface DeclaredTable {
  readonly name: string;
  readonly columns: readonly DeclaredColumn[];
  readonly primaryKey: readonly string[];
  readonly uniqueKeys: readonly (readonly string[])[];
  /** The same for SQLite. */
  readonly sql: string;
}

/** A name as the server keeps it: upper case unless it is quoted. */
export function keptName(written: string): string {
  const text = written.trim();
  return text.startsWith('"') ? text.slice(1, -1) : text.toUpperCase();
}

/** The parts of a list, by commas outside of parentheses and quotes. */
export function listParts(list: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  let quote = "";
  for (const [at, character] of [...list].entries()) {
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "," && depth === 0) {
      parts.push([...list].slice(from, at).join(""));
      from = at + 1;
    }
  }
  return [...parts, [...list].slice(from).join("")].map((part) => part.trim());
}

const NAME = `(?:"[^"]+"|[\\w$#]+)`;

/** Reads `CREATE TABLE [schema.]name (…)`. */
export function parseCreateTable(sql: string): DeclaredTable | null {
  const [, written, inner] =
    new RegExp(`^\\s*CREATE\\s+TABLE\\s+(?:${NAME}\\.)?(${NAME})\\s*\\((.*)\\)\\s*$`, "is").exec(sql) ?? [];
  if (written === undefined || inner === undefined) return null;
  const name = keptName(written);
  const columns: DeclaredColumn[] = [];
  const uniqueKeys: string[][] = [];
  const rest: string[] = [];
  let primaryKey: readonly string[] = [];
  for (const part of listParts(inner)) {
    const [, kind = "", list = ""] =
      /^(?:CONSTRAINT\s+\S+\s+)?(PRIMARY\s+KEY|UNIQUE|CHECK)\s*\((.*)\)$/is.exec(part) ?? [];
    const names = list.split(",").map(keptName);
    if (/^PRIMARY/i.test(kind)) primaryKey = names;
    else if (/^UNIQUE/i.test(kind)) uniqueKeys.push(names);
    else if (kind !== "") rest.push(`CHECK (${list})`);
    else columns.push(parseColumn(part));
    if (kind === "" && /\bPRIMARY\s+KEY\b/i.test(part)) primaryKey = [columns.at(-1)?.name ?? ""];
    if (kind === "" && /\bUNIQUE\b/i.test(part)) uniqueKeys.push([columns.at(-1)?.name ?? ""]);
  }
  const inKey = columns.map((column) => (primaryKey.includes(column.name) ? { ...column, isNullable: false } : column));
  const quoted = (names: readonly string[]) => `(${names.map((one) => `"${one}"`).join(", ")})`;
  const list = [
    ...inKey.map((column) => `${column.sql}${column.isNullable || column.isVirtual ? "" : " NOT NULL"}`),
    ...(primaryKey.length > 0 ? [`PRIMARY KEY ${quoted(primaryKey)}`] : []),
    ...uniqueKeys.map((names) => `UNIQUE ${quoted(names)}`),
    ...rest,
  ];
  return { name, columns: inKey, primaryKey, uniqueKeys, sql: `CREATE TABLE "${name}" (${list.join(", ")})` };
}

const synonyms: Readonly<Record<string, string>> = {
  ...{ INTEGER: "NUMBER(*,0)", INT: "NUMBER(*,0)", BIGINT: "NUMBER(19)", DECIMAL: "NUMBER", NUMERIC: "NUMBER" },
  ...{ VARCHAR: "VARCHAR2", "DOUBLE PRECISION": "FLOAT(126)" },
};

function parseColumn(part: string): DeclaredColumn {
  const [, written = "", given = "", tail = ""] =
    new RegExp(
      `^(${NAME})\\s+(DOUBLE PRECISION|LONG RAW|TIMESTAMP(?:\\s*\\(\\d\\))?\\s+WITH\\s+(?:LOCAL\\s+)?TIME\\s+ZONE|INTERVAL\\s+(?:YEAR|DAY)(?:\\s*\\(\\d\\))?\\s+TO\\s+(?:MONTH|SECOND)(?:\\s*\\(\\d\\))?|\\w+(?:\\s*\\([^)]*\\))?)(.*)$`,
      "is",
    ).exec(part) ?? [];
  const name = keptName(written);
  const upper = given
    .toUpperCase()
    .replace(/\s+/g, " ")
    .replace(/ ?\( ?/g, "(");
  const bare = upper.replace(/\([^)]*\)/g, "");
  const text =
    synonyms[bare] && !upper.includes("(")
      ? synonyms[bare]
      : upper.replace(bare, synonyms[bare]?.replace(/\(.*/, "") ?? bare);
  const type = text.replace(/\([^)]*\)/g, "") as WireType | "FLOAT";
  const numbers = (/\(([^)]*)\)[^(]*$/.exec(text)?.[1] ?? "").split(",").map((one) => one.trim());
  if (type !== "FLOAT" && !(type in wireTypes)) throw new Error(`ORA-00902: invalid datatype (${given})`);
  const column = {
    ...{ name, type: type === "FLOAT" ? ("NUMBER" as const) : type },
    ...limitsOf(type, numbers),
    displayedBy: displayedType(type, numbers),
    isNullable: !/\bNOT\s+NULL\b/i.test(tail),
    isVirtual: /\bAS\s*\(/i.test(tail) && !/IDENTITY/i.test(tail),
    isInvisible: /\bINVISIBLE\b/i.test(tail),
    defaultSql: /\bDEFAULT\s+('[^']*'|[\w.]+)/i.exec(tail)?.[1] ?? "NULL",
    identity: /ALWAYS\s+AS\s+IDENTITY/i.test(tail)
      ? ("ALWAYS" as const)
      : /AS\s+IDENTITY/i.test(tail)
        ? ("BY DEFAULT" as const)
        : null,
  };
  return { ...column, sql: `"${name}" ${affinityOf(column)}${checksOf(column)}${tailSql(tail)}` };
}

function limitsOf(
  type: string,
  numbers: readonly string[],
): Pick<DeclaredColumn, "length" | "countsCharacters" | "precision" | "scale"> {
  const none = { length: null, countsCharacters: false, precision: null, scale: null };
  const [first = "", second] = numbers;
  if (type === "FLOAT") return { ...none, precision: Number(first || 126), scale: -127 };
  if (type === "NUMBER") {
    if (first === "") return none;
    return { ...none, precision: first === "*" ? null : Number(first), scale: Number(second ?? 0) };
  }
  if (/CHAR/.test(type))
    return {
      ...none,
      length: Number.parseInt(first || "1", 10),
      countsCharacters: /CHAR/.test(first) || /^N/.test(type),
    };
  if (type === "RAW") return { ...none, length: Number(first) };
  return /^TIMESTAMP|SECOND/.test(type) ? { ...none, scale: Number(first || 6) } : none;
}

function displayedType(type: string, [first = ""]: readonly string[]): string {
  if (/^TIMESTAMP/.test(type)) return type.replace("TIMESTAMP", `TIMESTAMP(${first || 6})`);
  if (type === "INTERVAL DAY TO SECOND") return `INTERVAL DAY(2) TO SECOND(${first || 6})`;
  return type === "INTERVAL YEAR TO MONTH" ? "INTERVAL YEAR(2) TO MONTH" : type;
}

/** Whole numbers are numbers to SQLite; all else is what it is, so that no digit is lost. */
function affinityOf({ type, precision, scale }: Pick<DeclaredColumn, "type" | "precision" | "scale">): string {
  if (type === "NUMBER") return scale === 0 && (precision ?? 38) <= 38 ? "INT" : "TEXT";
  if (/^BINARY/.test(type)) return "REAL";
  return /RAW|BLOB/.test(type) ? "BLOB" : "TEXT";
}

/** What the server would refuse, as a check that is named by its number. */
function checksOf({ name, type, length, countsCharacters, precision, scale }: Omit<DeclaredColumn, "sql">): string {
  const check = (number: number, sql: string) => ` CONSTRAINT "ORA-${number}:${name}" CHECK (${sql})`;
  const fits = countsCharacters || type === "RAW" ? "ORA_FITS" : "ORA_BYTES_FIT";
  if (length !== null) return check(12_899, `${fits}("${name}", ${length})`);
  if (type !== "NUMBER" || scale === -127) return "";
  const digits = precision === null ? "" : check(1438, `ORA_WHOLE_DIGITS_FIT("${name}", ${precision - (scale ?? 0)})`);
  return check(1722, `ORA_IS_NUMBER("${name}")`) + digits;
}

function tailSql(tail: string): string {
  const [check = ""] = /\bCHECK\s*\(.*\)/is.exec(tail) ?? [];
  const [given = ""] = /\bDEFAULT\s+(?:'[^']*'|[\w.]+)/i.exec(tail) ?? [];
  const [, computed] = /\bAS\s*\((.*)\)\s*(?:VIRTUAL)?/is.exec(/IDENTITY/i.test(tail) ? "" : tail) ?? [];
  return `${given && ` ${given}`}${check && ` ${check}`}${computed === undefined ? "" : ` AS (${computed}) VIRTUAL`}`;
}
