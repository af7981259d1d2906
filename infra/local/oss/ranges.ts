import { OssError } from "./errors.js";

/** Bytes `[from, to)` of an object. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The bytes that a Range header asks for; of several ranges the first counts.
 * OSS ignores a range that leaves the object, also one whose end alone does, unless the request asks for standard behaviour.
 * Source: OSS user guide, "Use HTTP Range requests to get OSS resources in segments".
 *
 * @param standard the request carries `x-oss-range-behavior: standard`
 * @returns null = the whole object with status 200
 * @throws OssError InvalidRange (standard behaviour only)
 */
export function parseRange(
  header: string | undefined,
  size: number,
  { standard }: { standard: boolean },
): ByteRange | null {
  const found = header === undefined ? null : /^bytes=(\d*)-(\d*)(?:,.*)?$/.exec(header.trim());
  const first = found?.[1] ?? "";
  const last = found?.[2] ?? "";
  if (found === null || (first === "" && last === "")) return null;
  if (first === "") return suffixRange(Number(last), size, { standard });
  const from = Number(first);
  const to = last === "" ? size : Number(last) + 1;
  if (from >= size || from >= to) return outside(size, { standard });
  if (to > size) return standard ? { from, to: size } : null;
  return { from, to };
}

function suffixRange(length: number, size: number, { standard }: { standard: boolean }): ByteRange | null {
  if (length === 0 || size === 0) return outside(size, { standard });
  if (length > size) return standard ? { from: 0, to: size } : null;
  return { from: size - length, to: size };
}

function outside(size: number, { standard }: { standard: boolean }): null {
  if (!standard) return null;
  throw new OssError("InvalidRange", "The requested range cannot be satisfied.", {
    details: { ActualObjectSize: String(size) },
    headers: { "content-range": `bytes */${size}` },
  });
}
