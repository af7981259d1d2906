import iconv from "iconv-lite";
import { type Conversion, type Converted, convertCell } from "../../model/convert.js";
import { type CellRule, neverRule, notConverted, type RuleMaker } from "../sql/write/rules/cell-rule.js";
import type { SqlserverTarget } from "./target-column.js";

/** The number of UTF-8 among code pages. */
const UTF8 = 65_001;

/** Text of Unicode, whose length counts units of two bytes. */
export const unicodeRule: RuleMaker<SqlserverTarget> = (source, target, { options }) => {
  const longest = target.maxLength;
  const isBytes = source.type === "bytes";
  if (!isBytes && longest === null) return null;
  return {
    fineBytes: isBytes ? -1 : (longest ?? 0),
    isFine: isBytes ? () => false : (data, from, to) => data.toString("utf8", from, to).length <= (longest ?? to),
    convert: textOf(source.type, { options }, (text) => tooLong(text.length, target, "characters")),
  };
};

/** Text of a code page: a character that it has not would become another one, or a question mark, without a word. */
export const codedRule: RuleMaker<SqlserverTarget> = (source, target, { options }) => {
  const longest = target.maxLength ?? Number.POSITIVE_INFINITY;
  const isBytes = source.type === "bytes";
  return {
    fineBytes: -1,
    isFine: isBytes
      ? () => false
      : (data, from, to) => to - from <= longest && (target.codePage === UTF8 || isAscii(data, from, to)),
    convert: textOf(source.type, { options }, (text) => {
      const bytes = encoded(text, target.codePage);
      if (bytes === null)
        return notConverted(
          text,
          `has a character that code page ${target.codePage} of collation ${target.collation} does not; make the column an nvarchar`,
        );
      return tooLong(bytes, target, "bytes");
    }),
  };
};

function textOf(
  type: Parameters<RuleMaker>[0]["type"],
  { options }: Pick<Conversion, "options">,
  fault: (text: string) => Converted | null,
): CellRule["convert"] {
  const toText: Conversion = { to: "string", options };
  return (cell) => {
    const found: Converted = type === "bytes" ? convertCell(cell, "bytes", toText) : { ok: true, cell };
    if (!found.ok || typeof found.cell !== "string") return found;
    return fault(found.cell) ?? found;
  };
}

function tooLong(length: number, { maxLength, declared }: SqlserverTarget, units: string): Converted | null {
  if (maxLength === null || length <= maxLength) return null;
  return { ok: false, reason: "TOO_LONG", message: `the text has ${length} ${units}, ${declared} takes fewer` };
}

/** Bytes of a text in a code page; null = it cannot be said there, or nobody knows the page. */
function encoded(text: string, page: number | null): number | null {
  if (page === UTF8) return Buffer.byteLength(text);
  const name = `cp${page}`;
  if (!iconv.encodingExists(name)) return isAsciiText(text) ? text.length : null;
  const bytes = iconv.encode(text, name);
  return iconv.decode(bytes, name) === text ? bytes.length : null;
}

function isAsciiText(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

function isAscii(data: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((data[i] ?? 0) > 127) return false;
  return true;
}

/** Bytes, and text as its bytes. The server would cut what is too long where it is told to convert. */
export const sqlserverBytesRule: RuleMaker<SqlserverTarget> = (source, { maxLength, declared }, { options }) => {
  if (source.type !== "bytes" && source.type !== "string") return neverRule(source, "bytes", options);
  if (maxLength === null) return null;
  return {
    fineBytes: maxLength,
    isFine: () => false,
    convert: (cell) => ({
      ok: false,
      reason: "TOO_LONG",
      message: `${Buffer.byteLength(cell)} bytes, ${declared} takes fewer`,
    }),
  };
};

/** Text of one shape: the server would read the beginning of a longer one, or end the whole transaction. */
export function shapedRule(shape: RegExp, what: string): RuleMaker<SqlserverTarget> {
  return (source, _target, { options }) => {
    const convert = textOf(source.type, { options }, (text) =>
      shape.test(text) ? null : notConverted(text, `is no ${what}`),
    );
    return { fineBytes: -1, isFine: () => false, convert };
  };
}
