import { isUtf8 } from "node:buffer";
import { type Conversion, type Converted, convertCell } from "../../model/convert.js";
import { cutEnd } from "../../model/cut-end.js";
import { type CellRule, notConverted, type RuleMaker } from "../sql/write/rules/cell-rule.js";
import type { PostgresqlTarget } from "./target-column.js";

/** Text, and all types that read it. Bytes must be text; blanks at the end that do not fit the server would cut off without a word. */
export const postgresqlTextRule: RuleMaker<PostgresqlTarget> = (source, target, { options }) => {
  const isBytes = source.type === "bytes";
  const toText: Conversion = { to: "string", options };
  const longest = target.dataType === "varchar" || target.dataType === "bpchar" ? target.maxLength : null;
  if (!isBytes && longest === null) return null;
  return {
    fineBytes: isBytes || longest === null ? -1 : longest,
    isFine: (data, from, to) =>
      (!isBytes || isUtf8(data.subarray(from, to))) &&
      (longest === null || to - from <= longest || characters(data, from, to) <= longest),
    convert(cell) {
      const found: Converted = isBytes ? convertCell(cell, "bytes", toText) : { ok: true, cell };
      return found.ok && typeof found.cell === "string" ? fitted(found.cell, target) : found;
    },
  };
};

/** A fixed length is filled up with blanks, so blanks beyond it are none of the value's. */
function fitted(text: string, { dataType, declared, maxLength }: PostgresqlTarget): Converted {
  const kept = dataType === "bpchar" ? cutEnd(text, / /) : text;
  const length = Array.from(kept).length;
  if (maxLength === null || length <= maxLength) return { ok: true, cell: text };
  return { ok: false, reason: "TOO_LONG", message: `the text has ${length} characters, ${declared} takes fewer` };
}

function characters(data: Buffer, from: number, to: number): number {
  let count = 0;
  // Bytes that continue a UTF-8 character are no character of their own.
  for (let i = from; i < to; i++) if (((data[i] ?? 0) & 0xc0) !== 0x80) count++;
  return count;
}

/** A number alone would be taken for seconds. */
export const intervalRule: RuleMaker<PostgresqlTarget> = (source) => {
  if (source.type === "date") return null;
  const isText = source.type === "string";
  const convert: CellRule["convert"] = (cell) => notConverted(cell, "names no unit of time");
  return {
    fineBytes: -1,
    isFine: (data, from, to) => isText && /[a-z:]/i.test(data.toString("latin1", from, Math.min(to, from + 40))),
    convert,
    ...(isText ? {} : { isHopeless: true }),
  };
};
