import { keySpace } from "../service.js";

const kind = {
  ...{ project: 1, table: 2, leaf: 3, upload: 4, block: 5, download: 6, instance: 7, page: 8, loose: 9, schema: 10 },
} as const;
type Kind = keyof typeof kind;

/** A range of keys of the common store: `gte` inclusive, `lt` exclusive. */
export interface OdpsKeyBounds {
  readonly gte: Buffer;
  readonly lt: Buffer;
}

/** Row of one thing; parts of the name hold no zero byte. */
export function odpsRowKey(name: Kind, ...parts: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from([keySpace.maxcompute, kind[name]]), Buffer.from(parts.join("\0"))]);
}

/** All rows whose name begins with these parts. */
export function odpsKeyBoundsOf(name: Kind, ...parts: readonly string[]): OdpsKeyBounds {
  const prefix = parts.length === 0 ? [] : [...parts, ""];
  const gte = odpsRowKey(name, ...prefix);
  if (prefix.length === 0) return { gte, lt: Buffer.from([keySpace.maxcompute, kind[name] + 1]) };
  const lt = Buffer.from(gte);
  lt[lt.length - 1] = 1;
  return { gte, lt };
}

/** The name behind a row's key. */
export function nameOfKey(key: Buffer): readonly string[] {
  return key.toString("utf8", 2).split("\0");
}

/** One page of a content; pages sort by their number. */
export function pageKey(content: string, page: number): Buffer {
  return odpsRowKey("page", content, String(page).padStart(8, "0"));
}

/** Row of a block; blocks of a session sort by their number. */
export function blockKey(upload: string, block: number): Buffer {
  return odpsRowKey("block", upload, String(block).padStart(5, "0"));
}
