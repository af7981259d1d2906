import { randomBytes } from "node:crypto";
import type { WireType } from "../../../shared/connectors/odps/wire/column-type.js";
import { MalformedStream } from "../../../shared/connectors/odps/wire/intake.js";
import { openRecordReader, type RecordHandler } from "../../../shared/connectors/odps/wire/record-reader.js";
import { passValue } from "../../../shared/connectors/odps/wire/values.js";
import type { Store } from "../store/store.js";
import { OdpsError } from "./errors.js";
import { nameOfKey, odpsKeyBoundsOf, odpsRowKey, pageKey } from "./keys.js";
import type { OdpsSegment } from "./rows.js";

const PAGE_BYTES = 512 * 1024;
const PAGES_PER_WRITE = 8;
/** The service's own limit for text and bytes. */
export const MAX_FIELD_BYTES = 8 * 1024 * 1024;

/** Of a length of that size, in front of a value. */
const LENGTH_BYTES = 4;

/** Collects whole records into pages and stores them. Until something refers to the content it counts as loose. */
export interface PageWriter {
  /** Adds a record with its checksum. */
  add(data: Buffer, from: number, to: number): void;
  /** Stores what is full; to be awaited now and then. */
  flush(): Promise<void>;
  finish(): Promise<OdpsSegment>;
}

/** Begins a content. */
export function openPages(store: Store): PageWriter {
  const content = randomBytes(12).toString("hex");
  let page = Buffer.allocUnsafe(PAGE_BYTES);
  let used = 0;
  let records = 0;
  let stored = 0;
  let bytes = 0;
  const pages: number[] = [];
  let full: Buffer[] = [];
  const close = () => {
    if (records === 0) return;
    full.push(page.subarray(0, used));
    pages.push(records);
    bytes += used;
    page = Buffer.allocUnsafe(PAGE_BYTES);
    used = 0;
    records = 0;
  };
  const storeFull = async () => {
    const group = full;
    const first = stored;
    stored += group.length;
    full = [];
    if (group.length === 0) return;
    await store.write((tx) => {
      tx.put(odpsRowKey("loose", content), Buffer.alloc(0));
      for (const [at, one] of group.entries()) tx.put(pageKey(content, first + at), one);
    });
  };
  return {
    add(data, from, to) {
      const size = to - from;
      if (used + size > page.length) close();
      if (size > page.length) page = Buffer.allocUnsafe(size);
      data.copy(page, used, from, to);
      used += size;
      records++;
      if (used >= PAGE_BYTES) close();
    },
    flush: async () => {
      if (full.length >= PAGES_PER_WRITE) await storeFull();
    },
    async finish() {
      close();
      await storeFull();
      return { content, records: pages.reduce((sum, one) => sum + one, 0), bytes, pages };
    },
  };
}

/**
 * Stores a record stream whose every checksum is right.
 *
 * @throws OdpsError MalformedDataStream
 */
export async function receiveRecords(
  store: Store,
  body: AsyncIterable<Buffer>,
  types: readonly WireType[],
): Promise<OdpsSegment> {
  const pages = openPages(store);
  const reader = openRecordReader(checkingHandler(types, pages));
  try {
    for await (const piece of body) {
      reader.feed(piece);
      await pages.flush();
    }
    reader.end();
  } catch (cause) {
    if (!(cause instanceof MalformedStream)) throw cause;
    throw new OdpsError("MalformedDataStream", cause.message, { cause });
  }
  return pages.finish();
}

/** Columns must come in ascending order, each once: so both SDKs write them. */
function checkingHandler(types: readonly WireType[], pages: PageWriter): RecordHandler {
  let last = 0;
  return {
    begin: () => {
      last = 0;
    },
    field(column, intake) {
      const type = types[column - 1];
      if (!type) throw new MalformedStream(`column ${column} of ${types.length}`);
      if (column <= last) throw new MalformedStream(`column ${column} comes after column ${last}`);
      last = column;
      const from = intake.at;
      passValue(intake, type);
      const isLong = intake.at - from > MAX_FIELD_BYTES + LENGTH_BYTES;
      if (isLong && type.kind !== "array" && type.kind !== "map" && type.kind !== "struct")
        throw new MalformedStream(`the value of column ${column} has more than ${MAX_FIELD_BYTES} bytes`);
    },
    end: ({ data, from, to }) => pages.add(data, from, to),
  };
}

/**
 * The pages that hold the records `[start, start + count)`, each with the part of it that counts.
 *
 * @throws OdpsError TableModified when a page is gone
 */
export async function* readPages(
  store: Store,
  segments: readonly OdpsSegment[],
  { start, count }: { start: number; count: number },
): AsyncGenerator<{ data: Buffer; skip: number; take: number }> {
  let skip = start;
  let left = count;
  for (const { content, records, pages } of segments) {
    if (skip >= records) {
      skip -= records;
      continue;
    }
    for (const [at, inPage] of pages.entries()) {
      if (left === 0) return;
      if (skip >= inPage) {
        skip -= inPage;
        continue;
      }
      const data = store.get(pageKey(content, at));
      if (!data) throw new OdpsError("TableModified", "The table was modified after the session began.");
      const take = Math.min(inPage - skip, left);
      yield { data, skip, take };
      left -= take;
      skip = 0;
    }
  }
}

/** Removes contents that nothing refers to any more. Losing a race with a closing store is harmless: the sweep follows. */
export async function dropContents(store: Store, segments: readonly OdpsSegment[]): Promise<void> {
  for (const { content, pages } of segments)
    await store.write((tx) => {
      for (const at of pages.keys()) tx.del(pageKey(content, at));
      tx.del(odpsRowKey("loose", content));
    });
}

/** Removes what a crash left behind. To be called before the first request, since a running upload looks the same. */
export async function sweepLoose(store: Store): Promise<void> {
  for await (const [mark] of store.range(odpsKeyBoundsOf("loose"))) {
    const [content = ""] = nameOfKey(mark);
    const keys: Buffer[] = [mark];
    for await (const [key] of store.range(odpsKeyBoundsOf("page", content))) keys.push(key);
    await store.write((tx) => keys.map((key) => tx.del(key)));
  }
}
