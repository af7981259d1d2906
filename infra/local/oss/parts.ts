import type { ContentTransaction } from "./contents.js";
import { invalidArgument } from "./errors.js";
import { partKey, uploadKey } from "./keys.js";
import type { OssCall } from "./operation.js";
import { decodeOssRow, encodeOssRow, type OssSegment, type PartRow, requireUpload } from "./rows.js";

/** Most parts of an upload. */
export const MAX_PARTS = 10_000;

/** The upload that a call names. */
export function uploadIdOf(call: OssCall): string {
  return call.query.get("uploadId") ?? "";
}

/** The part that a call names. @throws OssError InvalidArgument: 1 to 10,000 */
export function partNumberOf(call: OssCall): number {
  const text = call.query.get("partNumber") ?? "";
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= MAX_PARTS) return value;
  throw invalidArgument("partNumber", text, `Part number must be an integer between 1 and ${MAX_PARTS}.`);
}

interface NewPart {
  readonly uploadId: string;
  readonly partNumber: number;
  readonly part: PartRow;
  readonly claimed: readonly OssSegment[];
}

/** Records a part; one of the same number is replaced. @throws OssError NoSuchUpload */
export function storePart(
  tx: ContentTransaction,
  call: OssCall,
  { uploadId, partNumber, part, claimed }: NewPart,
): void {
  const upload = requireUpload(tx, call.bucket, { key: call.key, uploadId });
  const key = partKey(uploadId, partNumber);
  const old = tx.get(key);
  tx.claim(claimed);
  if (old !== undefined) tx.release(decodeOssRow<PartRow>(old).segments);
  tx.put(key, encodeOssRow(part));
  if (partNumber > upload.maxPart) {
    tx.put(uploadKey(call.bucket, call.key, uploadId), encodeOssRow({ ...upload, maxPart: partNumber }));
  }
}

/** Removes all parts of an upload from the books and returns them by number. Their segments are the caller's to keep or release. */
export function takeParts(tx: ContentTransaction, uploadId: string, maxPart: number): Map<number, PartRow> {
  const parts = new Map<number, PartRow>();
  for (let number = 1; number <= maxPart; number += 1) {
    const key = partKey(uploadId, number);
    const bytes = tx.get(key);
    if (bytes === undefined) continue;
    parts.set(number, decodeOssRow<PartRow>(bytes));
    tx.del(key);
  }
  return parts;
}
