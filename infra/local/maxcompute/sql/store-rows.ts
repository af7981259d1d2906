import type { WireType } from "../../../../shared/connectors/odps/wire/column-type.js";
import { beginRecord, endRecord, openRecordWriter } from "../../../../shared/connectors/odps/wire/record-writer.js";
import { putField, reserve } from "../../../../shared/connectors/odps/wire/sink.js";
import { encodings, putValue } from "../../../../shared/connectors/odps/wire/values.js";
import type { Store } from "../../store/store.js";
import { openPages } from "../pages.js";
import type { OdpsSegment } from "../rows.js";
import type { EvaluatedRow } from "./evaluate.js";

/** Keeps rows as an upload's are kept. */
export interface RowKeeper {
  add(row: EvaluatedRow): Promise<void>;
  finish(): Promise<OdpsSegment>;
}

/** Begins a content of rows with these columns. */
export function keepRows(store: Store, types: readonly WireType[]): RowKeeper {
  const pages = openPages(store);
  const writer = openRecordWriter();
  return {
    async add(row) {
      writer.sink.at = 0;
      beginRecord(writer);
      for (const [at, type] of types.entries()) {
        const value = row[at] ?? null;
        if (value === null) continue;
        reserve(writer.sink, 16);
        putField(writer.sink, at + 1, encodings[type.kind].wire);
        putValue(writer.sink, type, value);
      }
      endRecord(writer);
      pages.add(writer.sink.bytes, 0, writer.sink.at);
      await pages.flush();
    },
    finish: () => pages.finish(),
  };
}
