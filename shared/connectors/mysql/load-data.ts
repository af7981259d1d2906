import type { RowRefusal } from "../sql/write/refusal.js";
import type { Attempt } from "../sql/write/refused-rows.js";
import type { BulkPath, SentRows } from "../sql/write/system.js";
import type { MysqlClient, Outcome } from "./connection.js";
import { lookAtWarnings } from "./judged-insert.js";
import { proveLoadData } from "./load-data-proof.js";
import { loadEncoder } from "./load-encoder.js";
import { mysqlRefusalOf, refusalOfWarning, rowOf } from "./refusal.js";
import { duplicateEntry, skippedDuplicates } from "./skipped-duplicates.js";
import { quoteMysqlName } from "./sql-text.js";
import type { MysqlPlan } from "./target-column.js";
import type { MysqlTypes } from "./types.js";

/** LOAD DATA LOCAL: fast, but it never fails on a bad row, it repairs or skips it and warns. */
export const loadData: BulkPath<MysqlTypes> = {
  name: "LOAD DATA LOCAL",
  serves: ({ mode }) => mode !== "update" && mode !== "ignore",
  tryOut: async (client, plan) => void (await client.execute(loadDataSql(plan), Buffer.alloc(0))),
  prove: proveLoadData,
  encoder: loadEncoder,
  load,
};

/** Loads an encoded stream and judges the outcome: taken (with the duplicates it skipped), or refused with the rows the warnings name. */
async function load(client: MysqlClient, plan: MysqlPlan, { bytes, count, rows }: SentRows): Promise<Attempt> {
  const outcome = await client.execute(loadDataSql(plan), bytes).catch((error: unknown): RowRefusal => {
    // With REPLACE the statement does fail on the first bad row, and nothing of it stays.
    const why = mysqlRefusalOf(error);
    if (!why) throw error;
    return why;
  });
  if ("reason" in outcome) {
    const row = rowOf(outcome);
    return { kind: "refused", suspects: row === null ? [] : [row] };
  }
  return judged({ client, plan, outcome }, { count, rows });
}

async function judged(
  { client, plan, outcome }: { client: MysqlClient; plan: MysqlPlan; outcome: Outcome },
  { count, rows }: Pick<SentRows, "count" | "rows">,
): Promise<Attempt> {
  const { affectedRows, warnings } = outcome;
  const missing = plan.mode === "insert" ? count - affectedRows : 0;
  if (warnings === 0 && missing === 0) return { kind: "taken" };
  const { grave, isAll } = await lookAtWarnings(client, warnings);
  if (isAll && grave.length === 0 && missing === 0) return { kind: "taken" };
  const areDuplicates = isAll && grave.length === missing && grave.every(({ number }) => number === duplicateEntry);
  if (plan.mode === "insert" && areDuplicates) {
    const refused = skippedDuplicates(plan, rows(), grave);
    if (refused) return { kind: "taken", refused };
  }
  const named = grave.map((warning) => rowOf(refusalOfWarning(warning))).filter((row) => row !== null);
  return { kind: "refused", suspects: [...new Set(named)] };
}

/** The LOAD DATA statement whose stream {@link ./load-encoder.js} writes. Separators in hex digits mean the same in every SQL mode. */
export function loadDataSql(plan: MysqlPlan): string {
  const verb = plan.mode === "replace" ? " REPLACE" : "";
  const variables: string[] = [];
  const isAnySet = plan.columns.some(({ form }) => form === "hex" || form === "bit");
  const places = plan.columns.map((column, at) => {
    const name = quoteMysqlName(column.name);
    if (isAnySet && column.isAutoIncrement) {
      // Beside a SET clause MariaDB forgets that a zero was given here, and counts on instead.
      variables.push(`${name} = @v${at}`);
      return `@v${at}`;
    }
    if (column.form !== "hex" && column.form !== "bit") return name;
    // Text is checked as UTF-8 on its way, bytes would not survive that; and a bit column takes digits as characters.
    variables.push(`${name} = ${column.form === "hex" ? `UNHEX(@v${at})` : `CAST(@v${at} AS UNSIGNED)`}`);
    return `@v${at}`;
  });
  const set = variables.length > 0 ? ` SET ${variables.join(", ")}` : "";
  return (
    `LOAD DATA LOCAL INFILE 'sluice'${verb} INTO TABLE ${plan.sqlName} CHARACTER SET utf8mb4 ` +
    `FIELDS TERMINATED BY x'09' ESCAPED BY x'5c' LINES TERMINATED BY x'0a' (${places.join(", ")})${set}`
  );
}
