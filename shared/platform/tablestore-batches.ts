import type TableStore from "tablestore";
import { InternalError, TransientError } from "../model/errors.js";
import { backOff } from "../model/retry.js";
import { isKeyable, refuseUnstorable } from "./document-limits.js";
import {
  mustNotExist,
  newWriter,
  primaryKey,
  putColumns,
  type SdkRow,
  toStored,
  versionIs,
  whateverIsThere,
  writerOf,
} from "./document-rows.js";
import type { DocumentKey, DocumentTable, Replacement, Stored } from "./documents.js";
import { retried, tableRetries } from "./tablestore-calls.js";
import { tablestoreMeaning } from "./tablestore-errors.js";

type Client = InstanceType<typeof TableStore.Client>;

/** Limits of the service for one call: rows read, rows written, and bytes written with room for keys and columns. */
const MAX_READ_ROWS = 100;
const MAX_WRITTEN_ROWS = 200;
const MAX_BYTES = 3 * 1024 * 1024;
/** Calls of one batch that are under way at once. */
const CALLS_AT_ONCE = 4;
const FIRST_WAIT_MS = 20;

/** What an answer says of one row. */
interface SdkRowAnswer extends SdkRow {
  readonly isOk: boolean;
  readonly errorCode: string | null;
}

/** Reads rows together; see `Documents.getMany`. */
export async function getDocuments<T>(
  client: Client,
  table: DocumentTable,
  keys: readonly DocumentKey[],
): Promise<readonly (Stored<T> | undefined)[]> {
  const parts = pieces(keys.filter(isKeyable), { most: MAX_READ_ROWS, bytesOf: () => 0 });
  const rows = await inTurns(parts, (part) => readRows(client, table, { keys: part, columns: ["doc", "ver"] }));
  const found = rows.flat();
  let next = 0;
  return keys.map((key) => {
    const row = isKeyable(key) ? found[next++] : undefined;
    return row && toStored<T>(row, "doc");
  });
}

async function readRows(
  client: Client,
  table: DocumentTable,
  { keys, columns }: { readonly keys: readonly DocumentKey[]; readonly columns: readonly string[] },
): Promise<readonly SdkRow[]> {
  const rows = new Array<SdkRow>(keys.length);
  let left = keys.map((_key, i) => i);
  for (let attempt = 1; ; attempt++) {
    const wanted = left.map((i) => primaryKey(table, keys[i] ?? []));
    const answer = await retried(() =>
      client.batchGetRow({
        tables: [{ tableName: table.name, primaryKey: wanted, columnsToGet: columns, maxVersions: 1 }],
      } as never),
    );
    const answers = (answer as unknown as { tables: readonly (readonly SdkRowAnswer[])[] }).tables[0] ?? [];
    const failed: number[] = [];
    for (const [place, i] of left.entries()) {
      const one = answers[place];
      if (one?.isOk) rows[i] = one;
      else failed.push(i);
    }
    if (failed.length === 0) return rows;
    await pauseOrThrow(answers.find(({ isOk }) => !isOk)?.errorCode ?? "", { table, attempt });
    left = failed;
  }
}

/** A row to be written, with what tells it from others. */
interface Change {
  readonly key: DocumentKey;
  /** What a row that was written holds; undefined for a removal, whose second try finds nothing to remove. */
  readonly writer: string | undefined;
  readonly sent: object;
  readonly bytes: number;
}

/** Writes rows together; see `Documents.writeMany`. A row whose outcome is unknown is settled by reading it back. */
export async function writeDocuments<T>(
  client: Client,
  table: DocumentTable,
  rows: readonly Replacement<T>[],
): Promise<readonly boolean[]> {
  const changes = rows.map((row): Change => {
    const doc = JSON.stringify(row.value);
    refuseUnstorable(row.key, doc);
    const writer = newWriter();
    const condition = row.version === 0 ? mustNotExist() : versionIs(row.version);
    const attributeColumns = putColumns(row, { doc, writer });
    const sent = { type: "PUT", condition, primaryKey: primaryKey(table, row.key), attributeColumns };
    return { key: row.key, writer, sent, bytes: Buffer.byteLength(doc) + JSON.stringify(row.brief ?? "").length + 500 };
  });
  return send(client, table, changes);
}

/** Removes rows together; see `Documents.removeMany`. */
export async function removeDocuments(
  client: Client,
  table: DocumentTable,
  rows: readonly { readonly key: DocumentKey; readonly version?: number }[],
): Promise<void> {
  const changes = rows.map(({ key, version }): Change => {
    const condition = version === undefined ? whateverIsThere() : versionIs(version);
    return {
      key,
      writer: undefined,
      sent: { type: "DELETE", condition, primaryKey: primaryKey(table, key) },
      bytes: 500,
    };
  });
  await send(client, table, changes);
}

async function send(client: Client, table: DocumentTable, changes: readonly Change[]): Promise<readonly boolean[]> {
  const parts = pieces(changes, { most: MAX_WRITTEN_ROWS, bytesOf: ({ bytes }) => bytes });
  const answers = await inTurns(parts, (part) => sendPart(client, table, part));
  return answers.flat();
}

async function sendPart(client: Client, table: DocumentTable, changes: readonly Change[]): Promise<readonly boolean[]> {
  const written = new Array<boolean>(changes.length).fill(false);
  let left = changes.map((_change, i) => i);
  for (let attempt = 1; ; attempt++) {
    let calls = 0;
    const answer = await retried(() => {
      calls++;
      const rows = left.map((i) => changes[i]?.sent);
      return client.batchWriteRow({ tables: [{ tableName: table.name, rows }] } as never);
    });
    const answers = (answer as unknown as { tables: readonly SdkRowAnswer[] }).tables;
    const refused = left.filter((_i, place) => answers[place]?.errorCode === "OTSConditionCheckFail");
    const failed = left.filter((i, place) => !answers[place]?.isOk && !refused.includes(i));
    for (const [place, i] of left.entries()) if (answers[place]?.isOk) written[i] = true;
    // An earlier call may have written what this one finds written.
    if (calls > 1 || attempt > 1) await settle(client, table, { changes, refused, written });
    if (failed.length === 0) return written;
    const code = answers[left.indexOf(failed[0] ?? -1)]?.errorCode ?? "";
    await pauseOrThrow(code, { table, attempt });
    left = failed;
  }
}

async function settle(
  client: Client,
  table: DocumentTable,
  {
    changes,
    refused,
    written,
  }: { readonly changes: readonly Change[]; readonly refused: readonly number[]; readonly written: boolean[] },
): Promise<void> {
  const unsure = refused.filter((i) => changes[i]?.writer !== undefined);
  for (let at = 0; at < unsure.length; at += MAX_READ_ROWS) {
    const some = unsure.slice(at, at + MAX_READ_ROWS);
    const keys = some.map((i) => changes[i]?.key ?? []);
    const rows = await readRows(client, table, { keys, columns: ["writer"] });
    for (const [place, i] of some.entries()) {
      const row = rows[place];
      if (row && writerOf(row) === changes[i]?.writer) written[i] = true;
    }
  }
}

/** Waits before rows that failed are tried again. @throws TransientError, InternalError as `retried` does for a whole call */
async function pauseOrThrow(
  code: string,
  { table, attempt }: { readonly table: DocumentTable; readonly attempt: number },
): Promise<void> {
  const mayPass = code === "" || tablestoreMeaning(code) === "passes";
  if (!mayPass) throw new InternalError("INTERNAL", `Tablestore refused a row of ${table.name}: ${code}`);
  if (attempt >= tableRetries.attempts)
    throw new TransientError(
      "SOURCE_BUSY",
      `Tablestore does not serve ${table.name}: ${code || "no answer for a row"}`,
    );
  await backOff(attempt, FIRST_WAIT_MS);
}

function pieces<T>(
  all: readonly T[],
  { most, bytesOf }: { readonly most: number; bytesOf(one: T): number },
): readonly T[][] {
  const parts: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of all) {
    const last = parts.at(-1);
    if (last && last.length < most && bytes + bytesOf(one) <= MAX_BYTES) {
      last.push(one);
      bytes += bytesOf(one);
    } else {
      parts.push([one]);
      bytes = bytesOf(one);
    }
  }
  return parts;
}

/** Some at once; the answers in order. */
async function inTurns<T, R>(parts: readonly T[], work: (part: T) => Promise<R>): Promise<readonly R[]> {
  const answers: R[] = [];
  for (let at = 0; at < parts.length; at += CALLS_AT_ONCE)
    answers.push(...(await Promise.all(parts.slice(at, at + CALLS_AT_ONCE).map(work))));
  return answers;
}
