import { type Variant, variantType } from "./plainbuffer.js";

/** An integer value; wraps like 64-bit arithmetic does. */
export function integer(value: bigint): Variant {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = variantType.integer;
  bytes.writeBigInt64LE(BigInt.asIntN(64, value), 1);
  return bytes;
}

/** The number in an integer value. */
export function integerOf(value: Variant): bigint {
  return value.readBigInt64LE(1);
}

/** The bytes of a string or blob, without type and length. */
export function contentOf(value: Variant): Buffer {
  return value.subarray(5);
}

/** True for the kinds that have a length of their own: string and blob. */
export function hasContent(value: Variant): boolean {
  return value[0] === variantType.string || value[0] === variantType.blob;
}

/**
 * Orders two values of one kind: strings and blobs by their bytes, false before true.
 *
 * @returns negative, 0 or positive; null when the kinds differ, or a double is not a number: nothing can be said
 */
export function compareVariants(left: Variant, right: Variant): number | null {
  if (left[0] !== right[0]) return null;
  switch (left[0]) {
    case variantType.integer:
      return Number(integerOf(left) > integerOf(right)) - Number(integerOf(left) < integerOf(right));
    case variantType.double:
      return compareDoubles(left.readDoubleLE(1), right.readDoubleLE(1));
    case variantType.string:
    case variantType.blob:
      return Buffer.compare(contentOf(left), contentOf(right));
    default:
      return (left[1] ?? 0) - (right[1] ?? 0);
  }
}

function compareDoubles(left: number, right: number): number | null {
  if (Number.isNaN(left) || Number.isNaN(right)) return null;
  return left < right ? -1 : Number(left > right);
}

const kindNames: Record<number, string> = {
  [variantType.integer]: "INTEGER",
  [variantType.double]: "DOUBLE",
  [variantType.boolean]: "BOOLEAN",
  [variantType.string]: "STRING",
  [variantType.blob]: "BINARY",
  [variantType.minimum]: "INF_MIN",
  [variantType.maximum]: "INF_MAX",
  [variantType.autoIncrement]: "AUTO_INCREMENT",
};

/** The kind of a value as messages call it. */
export function kindName(value: Variant | undefined): string {
  return kindNames[value?.[0] ?? -1] ?? "NONE";
}
