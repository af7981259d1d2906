import { batchOf, type Column, type DataRecord } from "../../model/batch.js";
import type { JudgedRecord, RecordJudge } from "../../model/record-judge.js";
import { DEFAULT_TIME_ZONE, zoneOf } from "../../model/zones.js";
import { batchMaker } from "./batch-maker.js";
import type { EncodeSetting } from "./cells/cell-encoder.js";
import type { OdpsOutput } from "./read-columns.js";
import { recordEncoder } from "./record-encoder.js";
import type { OdpsReadSpec } from "./split.js";
import { columnsOf, type OdpsTarget } from "./target.js";
import { openRecordReader } from "./wire/record-reader.js";
import { clearRecords, footer, openRecordWriter } from "./wire/record-writer.js";

/** How records are judged. */
export interface OdpsJudging {
  /** The reader's columns. */
  readonly columns: readonly Column[];
  readonly setting: EncodeSetting;
  /** Of the writer's side: moments are shown on its clock. */
  readonly timeZone: string | null;
}

/** Judges records by encoding them as for the tunnel, and shows what a reader would decode from that. */
export function judgeOdpsRecords(target: OdpsTarget, { columns, setting, timeZone }: OdpsJudging): RecordJudge {
  const encoder = recordEncoder(target, columns, setting);
  const writer = openRecordWriter();
  const decode = decoderOf(target, timeZone);
  return {
    columns: target.destinations.map((one) =>
      one.kind === "key"
        ? { nullable: false, isKey: false, hopeless: null }
        : { nullable: one.column.nullable, isKey: false, hopeless: null },
    ),
    unwrittenKeys: [],
    async judge(record, own): Promise<JudgedRecord> {
      clearRecords(writer);
      const batch = batchOf([record], { columns: own, checkpoint: null, dirty: [] });
      let partition: readonly string[] = [];
      const [dirty] = encoder.add(batch, (values) => {
        partition = values;
        return writer;
      });
      if (dirty) return { kind: "dirty", dirty };
      const stream = Buffer.concat([
        writer.sink.bytes.subarray(0, writer.sink.at),
        footer({ count: 1, total: writer.total }),
      ]);
      return { kind: "taken", cells: decode(stream, partition) };
    },
  };
}

/** Decodes a stream of one record; the keys of its partition stand in no stream. */
function decoderOf(target: OdpsTarget, timeZone: string | null) {
  const { shape, destinations } = target;
  const spec: OdpsReadSpec = {
    ...{ session: "", instance: null, partition: [], start: 0, count: 1 },
    columns: shape.columns.map(({ name, typeText }) => ({ name, type: typeText })),
  };
  const outputs = columnsOf(target).map((column, at): OdpsOutput => {
    const isKey = destinations[at]?.kind === "key";
    return { column, origin: isKey ? { kind: "constant", value: null } : { kind: "column", name: column.name } };
  });
  const zone = zoneOf(timeZone ?? DEFAULT_TIME_ZONE) ?? (() => 0);
  // All columns are asked for: the stream has a column's number in the table.
  const all = shape.columns.map(({ name, typeText }): OdpsOutput => {
    return { column: { name, type: "string", nativeType: typeText }, origin: { kind: "column", name } };
  });
  return (stream: Buffer, partition: readonly string[]): DataRecord => {
    const maker = batchMaker(spec, [...outputs, ...all], { zone, emptyAsNull: false });
    const reader = openRecordReader(maker.handler);
    reader.feed(stream);
    reader.end();
    const [cells = []] = maker.take(1)?.rows ?? [];
    return destinations.map((one, at) => (one.kind === "key" ? (partition[one.key] ?? null) : (cells[at] ?? null)));
  };
}
