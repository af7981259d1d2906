import { z } from "zod";
import { withoutSemicolons } from "../../model/cut-end.js";
import { UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import { expandTables, MOST_TABLES } from "./table-names.js";

/** Text, numbers and booleans as the text they stand for. */
const scalarText = z.preprocess(
  (value) => (typeof value === "number" || typeof value === "boolean" ? String(value) : value),
  z.string(),
);

/** A list of texts; a single one is promoted, blank ones are dropped. */
export const textList = z
  .preprocess(
    (value) => (Array.isArray(value) ? value : value === undefined ? undefined : [value]),
    z.array(scalarText),
  )
  .transform((texts) => texts.map((text) => text.trim()).filter((text) => text !== ""));

/** Text that may be blank, which counts as absent. */
export const optionalText = scalarText.nullish().transform((text) => text?.trim() || null);

/** A whole number of at least 1, also as text; blank counts as absent. */
export const countingNumber = z.preprocess(
  (value) => (typeof value === "string" ? (value.trim() === "" ? undefined : Number(value)) : (value ?? undefined)),
  z.number().int().min(1).optional(),
);

/** A boolean, also as the text `true` or `false`; blank counts as absent. */
export const flag = z.preprocess((value) => {
  if (typeof value !== "string") return value ?? undefined;
  const text = value.trim().toLowerCase();
  return text === "" ? undefined : (own({ true: true, false: false }, text) ?? value);
}, z.boolean().optional());

const connection = z.object({
  datasource: optionalText,
  table: textList.optional(),
  querySql: textList.optional(),
});

/** The keys that say which tables a relational step works on. */
export const placeFields = {
  datasource: optionalText,
  table: textList.optional(),
  connection: z
    .preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(connection))
    .optional(),
};

/** Tables and statements behind one data source; `datasource` null = the first one that the step names. */
export interface Place {
  readonly datasource: string | null;
  readonly tables: readonly string[];
  readonly queries: readonly string[];
}

interface PlaceInput {
  readonly datasource: string | null;
  readonly table?: string[] | undefined;
  readonly connection?: z.infer<typeof connection>[] | undefined;
  readonly querySql?: string[] | undefined;
}

/**
 * The places a step names, whichever of the two spellings it uses. `connection` wins over the flat keys;
 * the flat `datasource` stands in where a connection has none.
 */
export function placesOf(input: PlaceInput): Place[] {
  const inner = (input.connection ?? []).filter((one) => one.table?.length || one.querySql?.length || one.datasource);
  const useful = inner.some((one) => one.table?.length || one.querySql?.length);
  if (!useful) {
    const datasource = input.datasource ?? inner[0]?.datasource ?? null;
    return [{ datasource, tables: expandTables(input.table ?? [], "table"), queries: input.querySql ?? [] }];
  }
  let budget = MOST_TABLES;
  return inner.map((one, index) => {
    const tables = expandTables(one.table ?? [], `connection[${index}].table`, budget);
    budget -= tables.length;
    return { datasource: one.datasource ?? input.datasource, tables, queries: one.querySql ?? [] };
  });
}

/**
 * Makes the parts of a parameter in a transform of a zod schema. Each is tried, whatever becomes of the others; what they
 * report as UserErrors becomes issues at the paths they name, each once.
 */
export function partsOrIssues<T extends object>(
  context: z.core.$RefinementCtx,
  parts: { readonly [Key in keyof T]: () => T[Key] },
): T {
  const faults = new Map<string, UserError>();
  const made = Object.entries<() => unknown>(parts).map(([key, make]) => {
    try {
      return [key, make()];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      faults.set(`${error.path}: ${error.message}`, error);
      return [key, undefined];
    }
  });
  for (const { path = "", message } of faults.values()) {
    const keys = path.split(/[.[\]]+/).filter((part) => part !== "");
    const numbered = keys.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    context.issues.push({ code: "custom", message, path: numbered, input: undefined });
  }
  // Complete, or every part that is missing has left an issue.
  return faults.size > 0 ? z.NEVER : (Object.fromEntries(made) as T);
}

/** A filter without the semicolon (ASCII or full-width) that people leave behind it. */
export function trimmedWhere(where: string | null): string | null {
  return (where && withoutSemicolons(where)) || null;
}

/**
 * The name behind a column entry that is nothing but a name, quoted with backticks or double quotes or not at all;
 * null for expressions and literals.
 */
export function plainColumn(entry: string): string | null {
  const match = /^(?:`((?:[^`]|``)+)`|"((?:[^"]|"")+)"|([\p{L}_$][\p{L}\p{N}_$]*))$/u.exec(entry.trim());
  if (!match) return null;
  const bare = match[3];
  if (bare !== undefined)
    return /^(null|true|false|current_date|current_timestamp|current_time)$/i.test(bare) ? null : bare;
  return match[1]?.replaceAll("``", "`") ?? match[2]?.replaceAll('""', '"') ?? null;
}
