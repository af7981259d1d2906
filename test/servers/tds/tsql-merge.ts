import type { TsqlSession } from "./tsql-session.js";
import { closing, cutAt, isSign, isWord, type Token, TsqlError, wordAt } from "./tsql-tokens.js";
import { type TranslateSetting, translated } from "./tsql-translate.js";

interface Merge {
  readonly target: string;
  readonly targetAlias: string;
  readonly source: string;
  readonly sourceAlias: string;
  readonly on: string;
  /** `[column, value]` pairs of UPDATE; null = no such clause. */
  readonly update: readonly string[] | null;
  readonly insert: { readonly columns: string; readonly values: string };
}

/** What the engine knows of a default: whether a column has one. */
type HasDefault = (target: string, column: string) => boolean;

/**
 * Runs MERGE as the engine can: the source is kept, then rows that match are updated and all others inserted. Of a row that matches
 * two of the source the server says 8672.
 *
 * @returns how many rows were changed
 */
export function runMerge(
  session: TsqlSession,
  tokens: readonly Token[],
  setting: TranslateSetting & { readonly hasDefault: HasDefault },
): number {
  const { db } = session;
  const merge = parsed(tokens, setting);
  const { target, targetAlias, source, sourceAlias, on, update, insert } = merge;
  db.exec("SAVEPOINT tsql_merge");
  try {
    db.exec(`CREATE TEMP TABLE tsql_source AS SELECT * FROM (${source})`);
    const match = `FROM ${target} AS ${targetAlias} JOIN temp.tsql_source AS ${sourceAlias} ON ${on}`;
    if (update && db.get(`SELECT 1 ${match} GROUP BY ${targetAlias}.rowid HAVING COUNT(*) > 1`))
      throw new TsqlError(8672, "The MERGE statement attempted to UPDATE or DELETE the same row more than once.");
    db.exec(
      `CREATE TEMP TABLE tsql_new AS SELECT * FROM temp.tsql_source AS ${sourceAlias}
        WHERE NOT EXISTS (SELECT 1 FROM ${target} AS ${targetAlias} WHERE ${on})`,
    );
    let changed = 0;
    if (update)
      changed += db.run(
        `UPDATE ${target} AS ${targetAlias} SET ${update.join(", ")} FROM temp.tsql_source AS ${sourceAlias} WHERE ${on}`,
      ).changes;
    changed += db.run(
      `INSERT INTO ${target} ${insert.columns} SELECT ${insert.values} FROM temp.tsql_new AS ${sourceAlias}`,
    ).changes;
    db.exec("DROP TABLE temp.tsql_source; DROP TABLE temp.tsql_new; RELEASE tsql_merge");
    return changed;
  } catch (error) {
    db.exec("ROLLBACK TO tsql_merge; RELEASE tsql_merge");
    throw error;
  }
}

function parsed(tokens: readonly Token[], setting: TranslateSetting & { readonly hasDefault: HasDefault }): Merge {
  const [using, on] = [wordAt(tokens, "USING"), wordAt(tokens, "ON")];
  const [firstWhen, notMatched] = [
    wordAt(tokens, "WHEN"),
    tokens.findIndex((token, at) => isWord(token, "NOT") && isWord(tokens[at + 1], "MATCHED")),
  ];
  if (!isWord(tokens[1], "INTO") || using < 0 || on < 0 || notMatched < 0)
    throw new Error("the stand-in does not know this MERGE");
  const head = tokens.slice(2, using);
  const targetAlias = head.at(-1)?.text ?? "";
  const place = head.slice(0, wordAt(head, "WITH"));
  const target = translated([{ kind: "word", text: "INTO" }, ...place], setting).replace(/^INTO /, "");
  const end = closing(tokens, using + 1);
  const set = wordAt(tokens, "SET");
  const updates = firstWhen === notMatched - 1 || set < 0 ? null : tokens.slice(set + 1, notMatched - 1);
  const columns = tokens.findIndex((token, at) => at > notMatched && isSign(token, "("));
  const values = closing(tokens, columns);
  return {
    ...{ target, targetAlias, sourceAlias: tokens[end + 2]?.text ?? "" },
    source: translated(tokens.slice(using + 2, end), setting),
    on: translated(tokens.slice(on + 1, firstWhen), setting),
    update: updates && cutAt(updates, ",").map((one) => assignment(one, { target: place.at(-1)?.text ?? "", setting })),
    insert: {
      columns: translated(tokens.slice(columns, values + 1), setting),
      values: translated(tokens.slice(values + 3, closing(tokens, values + 2)), setting),
    },
  };
}

function assignment(
  tokens: readonly Token[],
  {
    target,
    setting,
  }: { readonly target: string; readonly setting: TranslateSetting & { readonly hasDefault: HasDefault } },
): string {
  const equals = tokens.findIndex((token) => isSign(token, "="));
  const column = tokens[equals - 1]?.text ?? "";
  const value = tokens.slice(equals + 1);
  if (value.length === 1 && isWord(value[0], "DEFAULT")) {
    if (setting.hasDefault(target, column)) throw new Error(`the stand-in does not know the default of ${column}`);
    return `"${column}" = NULL`;
  }
  return `"${column}" = ${translated(value, setting)}`;
}
