import { randomUUID } from "node:crypto";
import { TransientError } from "../../model/errors.js";
import { type LedgerEntry, ledgerTable, parseLedgerEntry, printLedgerEntry } from "../sql/write/ledger.js";
import type { MysqlClient } from "./client.js";
import { quoteName, quoteText } from "./sql-text.js";

/** A row of the ledger: one split of one run, and the attempt that may write it. */
export interface LedgerRow {
  readonly runId: string;
  readonly split: number;
  readonly attempt: number;
}

const table = quoteName(ledgerTable);
const text = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

/**
 * Makes sure that the ledger exists in the connection's database and that this account may use it.
 *
 * @returns null, or why it cannot be used, in the server's words
 */
export async function ensureLedger(client: MysqlClient): Promise<string | null> {
  try {
    if (!(await exists(client))) await client.execute(createSql);
    // A name of its own, so that runs that begin at the same time do not wait for each other.
    const runId = `probe-${randomUUID()}`;
    const probe = place({ runId, split: 0 });
    await client.execute("START TRANSACTION");
    await client.execute(`INSERT INTO ${table} (\`run\`, \`split\`, \`attempt\`) VALUES (${quoteText(runId)}, 0, 0)`);
    await client.execute(`UPDATE ${table} SET \`attempt\` = 1 WHERE ${probe}`);
    await client.execute(`DELETE FROM ${table} WHERE ${probe}`);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.execute("ROLLBACK").catch(() => {});
  }
}

const createSql = `CREATE TABLE IF NOT EXISTS ${table} (
  \`run\` VARCHAR(128) ${text} NOT NULL, \`split\` INT NOT NULL, \`attempt\` INT NOT NULL, \`checkpoint\` LONGTEXT ${text},
  PRIMARY KEY (\`run\`, \`split\`)) ENGINE = InnoDB
  COMMENT = 'Sluice: how far a running job has written; empty when none runs'`;

/** An account without the right to create tables can use a ledger that somebody else made. */
async function exists(client: MysqlClient): Promise<boolean> {
  return client.query(`SELECT 1 FROM ${table} LIMIT 0`).then(
    () => true,
    () => false,
  );
}

/**
 * Raises the attempt and tells where the split stands. From then on earlier attempts cannot commit.
 *
 * @throws TransientError CONFLICT when a later attempt was here already
 */
export async function claimLedger(client: MysqlClient, row: LedgerRow): Promise<LedgerEntry | null> {
  await client.execute("START TRANSACTION");
  await client.execute(
    `INSERT INTO ${table} (\`run\`, \`split\`, \`attempt\`) VALUES (${quoteText(row.runId)}, ${row.split}, ${row.attempt})
      ON DUPLICATE KEY UPDATE \`attempt\` = GREATEST(\`attempt\`, VALUES(\`attempt\`))`,
  );
  const { rows } = await client.query(
    `SELECT \`attempt\`, \`checkpoint\` FROM ${table} WHERE ${place(row)} FOR UPDATE`,
  );
  await client.execute("COMMIT");
  const [attempt = null, checkpoint = null] = rows[0] ?? [];
  if (Number(attempt) !== row.attempt) throw superseded(row);
  return parseLedgerEntry(checkpoint);
}

/**
 * Records progress inside the transaction that holds the rows.
 *
 * @throws TransientError CONFLICT when a later attempt has taken over: the transaction must not commit
 */
export async function advanceLedger(client: MysqlClient, row: LedgerRow, entry: LedgerEntry): Promise<void> {
  const { affectedRows } = await client.execute(
    `UPDATE ${table} SET \`checkpoint\` = ${quoteText(printLedgerEntry(entry))}
      WHERE ${place(row)} AND \`attempt\` = ${row.attempt}`,
  );
  if (affectedRows !== 1) throw superseded(row);
}

/** Forgets a run. */
export async function clearLedger(client: MysqlClient, runId: string): Promise<void> {
  await client.execute(`DELETE FROM ${table} WHERE \`run\` = ${quoteText(runId)}`);
}

function place({ runId, split }: Pick<LedgerRow, "runId" | "split">): string {
  return `\`run\` = ${quoteText(runId)} AND \`split\` = ${split}`;
}

function superseded({ split, attempt }: LedgerRow): TransientError {
  return new TransientError("CONFLICT", `attempt ${attempt} at split ${split} was superseded by a later one`);
}
