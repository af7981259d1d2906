import type { Column, ColumnType } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";

/** What one of several tables or statements gives, by position. */
export interface GivenColumns {
  /** Of the table, or the statement. */
  readonly title: string;
  readonly columns: readonly Pick<Column, "name" | "type" | "nativeType">[];
}

/** How the job names what it reads: whatever the tables have, a list of its own, or statements. */
export type NamedBy = "star" | "list" | "query";

/**
 * Refuses tables and statements whose columns stand in other places than those of the first: they are matched by position, so
 * that values would end up in each other's.
 *
 * @throws UserError CONFIG_INVALID with the table and the first column that differs
 */
export function refuseOtherColumns(all: readonly GivenColumns[], by: NamedBy): void {
  const [first, ...others] = all;
  if (!first) return;
  for (const other of others) {
    const width = first.columns.length;
    const at = by === "list" ? -1 : firstMisplaced(first, other, by);
    if (at < 0 && other.columns.length === width) continue;
    const [here, there] = [other, first].map(({ columns, title }) => {
      const name = columns[at]?.name;
      return at < 0 ? `${title} gives ${columns.length} columns` : `${title} gives ${name ?? "none"}`;
    });
    const place = at < 0 ? "" : ` as column ${at + 1}`;
    throw new UserError("CONFIG_INVALID", `${here}${place}, ${there}: columns are matched by position`, {
      path: by === "query" ? "querySql" : "column",
      hint: ways[by],
    });
  }
}

const ways: Readonly<Record<NamedBy, string>> = {
  star: "List the columns by name instead of *, those that all tables have.",
  list: "List columns that all tables have.",
  query:
    "Select the same columns in the same order in each statement; an alias (a AS b) says that another one is meant.",
};

/** With `*` every name counts; a statement may name its columns otherwise, but not as the first names other ones. */
function firstMisplaced(first: GivenColumns, other: GivenColumns, by: NamedBy): number {
  const names = namesOf(first);
  const found = namesOf(other);
  const length = by === "star" ? Math.max(names.length, found.length) : Math.min(names.length, found.length);
  return Array.from({ length }, (_, i) => i).findIndex((i) => {
    if (names[i] === found[i]) return false;
    return by === "star" || names.includes(found[i] ?? "");
  });
}

function namesOf({ columns }: GivenColumns): string[] {
  return columns.map(({ name }) => name.toLowerCase());
}

/**
 * The columns of several tables together: of the first, each with a type that all its cells have.
 *
 * @param all of one width
 * @throws UserError CONFIG_INVALID where there is none, because bytes and booleans are written otherwise than text
 */
export function jointColumns(all: readonly GivenColumns[]): readonly Column[] {
  const [first, ...others] = all;
  return (first?.columns ?? []).map((column, i) =>
    others.reduce<Column>((joint, { title, columns }) => {
      const own = columns[i];
      const type = own ? jointType(joint.type, own.type) : joint.type;
      if (type !== null) return type === joint.type ? joint : { name: joint.name, type };
      const [here, there] = [own, column].map((one) => one?.nativeType ?? one?.type);
      const message = `column ${own?.name} of ${title} is ${here}, that of ${first?.title} is ${there}: they cannot be read as one column`;
      const hint =
        "Convert it in the list of columns, for example CAST(a AS CHAR), or read the tables by jobs of their own.";
      throw new UserError("CONFIG_INVALID", message, { path: "column", hint });
    }, column),
  );
}

const numbers: readonly ColumnType[] = ["long", "double"];
const apart: readonly ColumnType[] = ["bytes", "bool"];

function jointType(one: ColumnType, other: ColumnType): ColumnType | null {
  if (one === other) return one;
  if (apart.includes(one) || apart.includes(other)) return null;
  return numbers.includes(one) && numbers.includes(other) ? "double" : "string";
}
