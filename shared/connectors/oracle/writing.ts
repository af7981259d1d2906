import type { Column } from "../../model/batch.js";
import type { Json } from "../../model/json.js";
import { standardLexis } from "../sql/text/sql-pieces.js";
import type { SqlWriting } from "../sql/write/system.js";
import { writtenColumns } from "../sql/write/target-plan.js";
import { oracleRowSql } from "./bind-sql.js";
import { loadOracleRows } from "./load-rows.js";
import { oracleRefusalOf } from "./refusal.js";
import { oracleRuleOfPair } from "./rules.js";
import { quoteOracleText } from "./sql-text.js";
import { isUnicode } from "./table-info.js";
import { writtenOracleTable } from "./table-name.js";
import { type OraclePlan, type OracleTarget, oracleTarget } from "./target-column.js";
import type { OracleTypes } from "./types.js";

/** Rows are values, no part of statements: what bounds them is memory. */
const ROW_BYTES = 256 * 1024 * 1024;

/** A text in quotes of one's own: `q'[it's]'`. */
const ownQuotes =
  /n?q'(?:\[[\s\S]*?(?:\]'|$)|\{[\s\S]*?(?:\}'|$)|\([\s\S]*?(?:\)'|$)|<[\s\S]*?(?:>'|$)|([^\s[{(<])[\s\S]*?(?:\1'|$))/iy;

/** Already there: whoever came first has made it. */
const IS_THERE = -955;

const begin = "SET TRANSACTION READ WRITE";

/** How Oracle is written. */
export const oracleWriting: SqlWriting<OracleTypes> = {
  statements: {
    lexis: [["text", ownQuotes], ...standardLexis],
    makesRoutine:
      /^\s*(?:declare|begin)\b|^\s*create\s+(?:or\s+replace\s+)?(?:(?:non)?editionable\s+)?(?:procedure|function|package|trigger|type)\b/i,
  },
  transactions: {
    // As `openOracle` understands them; statements of the job commit each by itself.
    ...{ enter: begin, commit: "COMMIT WORK", rollback: "ROLLBACK WORK", begin, settle: null },
    savepoint: (name) => `SAVEPOINT ${name}`,
    rollbackTo: (name) => `ROLLBACK TO SAVEPOINT ${name}`,
  },
  ledger: {
    create: ({ table, run, split, attempt, checkpoint }) =>
      `BEGIN EXECUTE IMMEDIATE ${quoteOracleText(
        `CREATE TABLE ${table} (${run} VARCHAR2(128) NOT NULL, ${split} NUMBER(10) NOT NULL, ${attempt} NUMBER(10) NOT NULL, ${checkpoint} CLOB, PRIMARY KEY (${run}, ${split}))`,
      )}; EXCEPTION WHEN OTHERS THEN IF SQLCODE <> ${IS_THERE} THEN RAISE; END IF; END;`,
    claim: ({ table, run, split, attempt }, values) =>
      `MERGE INTO ${table} d USING (SELECT ${values.run} AS R, ${values.split} AS S, ${values.attempt} AS A FROM DUAL) s
        ON (d.${run} = s.R AND d.${split} = s.S)
        WHEN MATCHED THEN UPDATE SET d.${attempt} = GREATEST(d.${attempt}, s.A)
        WHEN NOT MATCHED THEN INSERT (${run}, ${split}, ${attempt}) VALUES (s.R, s.S, s.A)`,
    hold: " FOR UPDATE",
  },
  sqlName: (_source, name) => writtenOracleTable(name),
  targetColumn: oracleTarget,
  maxStatementBytes: async () => ROW_BYTES,
  async own(client, table, params): Promise<Json> {
    const written = new Set(writtenColumns(table, params).map(({ name }) => name));
    const others = table.columns.filter(({ name, isGenerated }) => !written.has(name) && !isGenerated);
    return { isUnicode: isUnicode(client.charset), others: others.map(({ name }) => name) };
  },
  ruleOfPair: oracleRuleOfPair,
  notes: emptyTexts,
  refusalOf: oracleRefusalOf,
  bound: { statement: oracleRowSql, load: loadOracleRows },
};

/** A text that is no text any more is nothing that anybody should find out by himself. */
function emptyTexts({ columns, emptyAsNull }: OraclePlan, sources: readonly Column[]): string[] {
  const nullable = columns.filter(
    (column, at) => isText(column) && sources[at]?.type === "string" && !column.refusesNull,
  );
  if (nullable.length === 0 || !emptyAsNull) return [];
  return [
    `Oracle has no empty texts: they become NULL in ${nullable.map(({ name }) => name).join(", ")}; with emptyAsNull false such records are dirty`,
  ];
}

function isText({ type, refusesEmpty }: OracleTarget): boolean {
  return type === "string" && !refusesEmpty;
}
