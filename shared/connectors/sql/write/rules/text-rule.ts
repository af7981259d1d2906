import { isUtf8 } from "node:buffer";
import { type Conversion, type Converted, convertCell } from "../../../../model/convert.js";
import type { SqlTargetColumn } from "../target-plan.js";
import type { RuleMaker } from "./cell-rule.js";

const BLANK = 0x20;

/** Text in all its types. Bytes must be text; blanks at the end that do not fit the server would cut off even if it is strict. */
export const textRule: RuleMaker = (source, target, { options }) => {
  const isBytes = source.type === "bytes";
  const toText: Conversion = { to: "string", options };
  const longest = /char/.test(target.dataType) ? target.maxLength : null;
  if (!isBytes && (longest === null || source.type !== "string")) return null;
  return {
    fineBytes: isBytes || longest === null ? -1 : longest,
    isFine: (data, from, to) =>
      (!isBytes || isUtf8(data.subarray(from, to))) &&
      (longest === null || data[to - 1] !== BLANK || to - from <= longest || characters(data, from, to) <= longest),
    convert(cell) {
      const found = isBytes ? convertCell(cell, "bytes", toText) : null;
      return found && !found.ok ? found : tooLong(cell, target);
    },
  };
};

function tooLong(cell: string | Buffer, { dataType, maxLength }: SqlTargetColumn): Converted {
  const length = Array.from(cell.toString("utf8")).length;
  return {
    ok: false,
    reason: "TOO_LONG",
    message: `the text has ${length} characters, ${dataType}(${maxLength}) takes fewer`,
  };
}

function characters(data: Buffer, from: number, to: number): number {
  let count = 0;
  // Bytes that continue a UTF-8 character are no character of their own.
  for (let i = from; i < to; i++) if (((data[i] ?? 0) & 0xc0) !== 0x80) count++;
  return count;
}
