import { randomUUID } from "node:crypto";
import { TransientError } from "../../../model/errors.js";
import type { SqlClient } from "../client.js";
import type { SqlText } from "../sql-text.js";
import {
  type LedgerEntry,
  type LedgerNames,
  type LedgerSql,
  type LedgerValues,
  ledgerTable,
  parseLedgerEntry,
  printLedgerEntry,
} from "./ledger.js";

/** A row of the ledger: one split of one run, and the attempt that may write it. */
export interface LedgerRow {
  readonly runId: string;
  readonly split: number;
  readonly attempt: number;
}

/** What the ledger asks of a system. */
export interface LedgerSystem {
  readonly text: Pick<SqlText, "quoteName" | "quoteText">;
  readonly writing: { readonly ledger: LedgerSql; readonly transactions: { readonly begin: string } };
}

function namesIn({ quoteName }: LedgerSystem["text"]): LedgerNames {
  const [run, split, attempt, checkpoint] = ["run", "split", "attempt", "checkpoint"].map(quoteName) as [
    string,
    string,
    string,
    string,
  ];
  return { table: quoteName(ledgerTable), run, split, attempt, checkpoint };
}

/**
 * Makes sure that the ledger exists in the connection's database and that this account may use it.
 *
 * @returns null, or why it cannot be used, in the server's words
 */
export async function ensureLedger(system: LedgerSystem, client: SqlClient): Promise<string | null> {
  const names = namesIn(system.text);
  const { begin } = system.writing.transactions;
  let isOpen = false;
  try {
    if (!(await exists(client, names.table))) await client.execute(system.writing.ledger.create(names));
    // A name of its own, so that runs that begin at the same time do not wait for each other.
    const row = { runId: `probe-${randomUUID()}`, split: 0, attempt: 0 };
    await client.execute(begin);
    isOpen = true;
    const { run, split, attempt } = valuesOf(system, row);
    const insert = `INSERT INTO ${names.table} (${names.run}, ${names.split}, ${names.attempt}) VALUES (${run}, ${split}, ${attempt})`;
    const forget = `DELETE FROM ${names.table} WHERE ${place(system, row)}`;
    await client.execute(insert);
    await client.execute(`UPDATE ${names.table} SET ${names.attempt} = 1 WHERE ${place(system, row)}`);
    await client.execute(forget);
    await client.execute(insert);
    await client.execute("ROLLBACK");
    isOpen = false;
    // Systems that speak another's protocol take its words for transactions too, and some have none behind them.
    const { rows } = await client.query(`SELECT 1 FROM ${names.table} WHERE ${place(system, row)}`);
    if (rows.length === 0) return null;
    await client.execute(forget);
    return "the server keeps what was rolled back";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    if (isOpen) await client.execute("ROLLBACK").catch(() => {});
  }
}

/** An account without the right to create tables can use a ledger that somebody else made. */
async function exists(client: SqlClient, table: string): Promise<boolean> {
  return client.query(`SELECT 1 FROM ${table} WHERE 1 = 0`).then(
    () => true,
    () => false,
  );
}

/**
 * Raises the attempt and tells where the split stands. From then on earlier attempts cannot commit.
 *
 * @throws TransientError CONFLICT when a later attempt was here already
 */
export async function claimLedger(
  system: LedgerSystem,
  client: SqlClient,
  row: LedgerRow,
): Promise<LedgerEntry | null> {
  const names = namesIn(system.text);
  const { ledger, transactions } = system.writing;
  await client.execute(transactions.begin);
  await client.execute(ledger.claim(names, valuesOf(system, row)));
  const { rows } = await client.query(
    `SELECT ${names.attempt}, ${names.checkpoint} FROM ${names.table} WHERE ${place(system, row)}${ledger.hold}`,
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
export async function advanceLedger(
  system: LedgerSystem,
  client: SqlClient,
  { row, entry }: { readonly row: LedgerRow; readonly entry: LedgerEntry },
): Promise<void> {
  const { table, checkpoint, attempt } = namesIn(system.text);
  const { affectedRows } = await client.execute(
    `UPDATE ${table} SET ${checkpoint} = ${system.text.quoteText(printLedgerEntry(entry))}
      WHERE ${place(system, row)} AND ${attempt} = ${row.attempt}`,
  );
  if (affectedRows !== 1) throw superseded(row);
}

/** Forgets a run. */
export async function clearLedger(
  { text }: Pick<LedgerSystem, "text">,
  client: SqlClient,
  runId: string,
): Promise<void> {
  const { table, run } = namesIn(text);
  await client.execute(`DELETE FROM ${table} WHERE ${run} = ${text.quoteText(runId)}`);
}

function valuesOf({ text }: Pick<LedgerSystem, "text">, { runId, split, attempt }: LedgerRow): LedgerValues {
  return { run: text.quoteText(runId), split: String(split), attempt: String(attempt) };
}

function place({ text }: Pick<LedgerSystem, "text">, { runId, split }: LedgerRow): string {
  const names = namesIn(text);
  return `${names.run} = ${text.quoteText(runId)} AND ${names.split} = ${split}`;
}

function superseded({ split, attempt }: LedgerRow): TransientError {
  return new TransientError("CONFLICT", `attempt ${attempt} at split ${split} was superseded by a later one`);
}
