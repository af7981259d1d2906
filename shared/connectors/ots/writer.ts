import { z } from "zod";
import type { Batch, Column, DirtyReason, DirtyRecord } from "../../model/batch.js";
import { counted } from "../../model/counted.js";
import { UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import { advance } from "../../model/progress.js";
import type { RecordJudge } from "../../model/record-judge.js";
import { declaredZone } from "../../model/side-zone.js";
import type { Side, SplitRef, Writer, WriteSession } from "../contract.js";
import { choice, countParam, dataSource, flag, idle } from "../params/fields.js";
import { connectOts } from "./client.js";
import { modeFields } from "./mode.js";
import { type ChangeMaker, changeMaker, dirty, isDirty, type RowChange } from "./row-change.js";
import { sdkRow } from "./sdk-row.js";
import { type OtsDestination, type RefusedChange, sendRows } from "./send.js";
import type { OtsSource } from "./source.js";
import { describeOtsTable } from "./table.js";
import { otsTableName } from "./table-name.js";
import { otsWriterTemplate } from "./template.js";
import { targetColumns, writeColumnsSchema, writeKeysSchema } from "./write-columns.js";

const paramsSchema = z
  .object({
    datasource: dataSource(),
    table: otsTableName,
    primaryKey: writeKeysSchema,
    column: writeColumnsSchema,
    writeMode: choice(["PutRow", "UpdateRow"], {
      help: "PutRow replaces a row that is there; UpdateRow sets its columns, and null deletes one.",
      required: true,
    }),
    enableAutoIncrement: flag({ help: "Only false: the key column is to be written.", hidden: true }).refine(
      (isWanted) => !isWanted,
      "not supported, since a repeated write would add rows: write the key column yourself",
    ),
    requestTotalSizeLimitation: countParam({ help: "Bytes of one request, if fewer than the service takes." }),
    ...modeFields,
    columnNamePrefixFilter: idle("it goes with a mode that is not supported"),
    timeunit: idle("it goes with time-series tables, which are not supported"),
    defaultTimestampInMillisecond: idle("the service gives values the time of their writing"),
  })
  .superRefine(({ column, primaryKey, writeMode }, context) => {
    const names = [...primaryKey, ...column].map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) context.addIssue({ code: "custom", path: ["column"], message: `${twice} is named twice` });
    if (column.length === 0 && writeMode === "UpdateRow") {
      const message = "UpdateRow needs columns to set; use PutRow to write keys alone";
      context.addIssue({ code: "custom", path: ["column"], message });
    }
  });

/** Parameters as parsed; parsing them again changes nothing. */
export type OtsWriteParams = z.infer<typeof paramsSchema>;

type OtsWriteSide = Side<OtsSource, OtsWriteParams>;

/** Writes rows by primary key; a repeat changes nothing. Input by position: all key columns, then the others. */
export const otsWriter: Writer<OtsSource, OtsWriteParams> = {
  params: paramsSchema,
  width: ({ primaryKey, column }) => primaryKey.length + column.length,
  template: otsWriterTemplate,
  delivery: () => "idempotent",
  takesClocks: true,
  timeZone: async ({ source, timeZone }) => declaredZone(timeZone, source.timeZone),
  columns: async ({ params }) => targetColumns(params.primaryKey, params.column),
  check: async (side) => {
    await compareKeys(side);
    return [];
  },
  judge: async ({ params, timeZone }, { columns, clock }) => judgeOtsRecords(params, columns, clock ?? timeZone),
  prepare: async (side) => {
    await compareKeys(side);
    return { delivery: "idempotent", state: null, notes: [] };
  },
  open,
};

/** Judges records by the changes that are made of them; all that a row could be refused for, but by the service itself. */
function judgeOtsRecords(
  { primaryKey, column }: OtsWriteParams,
  columns: readonly Column[],
  clock: string | null,
): RecordJudge {
  const make = changeMaker({ keys: primaryKey, columns: column }, columns, clock);
  return {
    columns: [
      ...primaryKey.map(() => ({ nullable: false, isKey: true, hopeless: null })),
      ...column.map(() => ({ nullable: true, isKey: false, hopeless: null })),
    ],
    unwrittenKeys: [],
    async judge(record) {
      const made = make(record);
      return isDirty(made) ? { kind: "dirty", dirty: made } : { kind: "taken", cells: made.cells };
    },
  };
}

/** Compares the declared key with the table's, so that a wrong one is one error and not one per record. */
async function compareKeys(side: OtsWriteSide): Promise<void> {
  const { params, signal } = side;
  const client = connectOts(side.source, signal);
  try {
    const { keys } = await describeOtsTable(client, params.table, signal);
    const keyText = (columns: readonly { name: string; type: string }[]) =>
      columns.map(({ name, type }) => `${name} ${type}`).join(", ");
    if (keyText(keys) !== keyText(params.primaryKey)) {
      const message = `primaryKey: ${keyText(params.primaryKey)} given, but the key of table ${params.table} is ${keyText(keys)}`;
      throw new UserError("CONFIG_INVALID", message, { path: "primaryKey" });
    }
  } finally {
    client.close();
  }
}

async function open(side: OtsWriteSide, split: SplitRef): Promise<WriteSession> {
  const { params, signal } = side;
  const width = params.primaryKey.length + params.column.length;
  if (split.columns.length !== width) {
    throw new UserError(
      "CONFIG_INVALID",
      `the reader has ${counted(split.columns.length, "column")}, the writer ${width}`,
    );
  }
  const target = { keys: params.primaryKey, columns: params.column, mode: params.writeMode };
  const make = changeMaker(target, split.columns, split.clock ?? side.timeZone);
  const client = connectOts(side.source, signal);
  const to: OtsDestination = {
    ...{ client, table: params.table, signal, maxBytes: params.requestTotalSizeLimitation },
    toRow: ({ cells }) => sdkRow(target, cells),
  };
  let progress = split.progress;
  return {
    async write(batch) {
      const own = await writeBatch(batch, make, { to, keys: params.primaryKey });
      // Kept before the progress moves on: a crash in between repeats the batch and finds the same records again.
      await split.keepDirty([...batch.dirty, ...own], progress);
      progress = advance(progress, batch, own.length);
      return { durable: progress };
    },
    flush: async () => ({ durable: null }),
    async close() {
      client.close();
      return { durable: null };
    },
    abort: async () => client.close(),
  };
}

async function writeBatch(
  batch: Batch,
  make: ChangeMaker,
  { to, keys }: { to: OtsDestination; keys: OtsWriteParams["primaryKey"] },
): Promise<DirtyRecord[]> {
  const changes: RowChange[] = [];
  const found: DirtyRecord[] = [];
  for (const record of batch.rows) {
    const made = make(record);
    if (isDirty(made)) found.push(made);
    else changes.push(made);
  }
  const refused = await sendRows(to, changes);
  return [...found, ...refused.map((refusal) => dirty(refusal.change.record, keys, reasonOf(refusal)))];
}

const reasons: Readonly<Record<string, DirtyReason>> = {
  OTSOutOfRowSizeLimit: "TOO_LARGE",
  OTSRequestBodyTooLarge: "TOO_LARGE",
  OTSOutOfColumnCountLimit: "TOO_LARGE",
};

function reasonOf({ code, message }: RefusedChange): { reason: DirtyReason; message: string } {
  return { reason: own(reasons, code) ?? "REFUSED", message: `${code}: ${message}` };
}
