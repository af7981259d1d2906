import { isUtf8 } from "node:buffer";
import type { Column } from "../../model/batch.js";
import { type Conversion, type Converted, convertCell } from "../../model/convert.js";
import { own } from "../../model/own.js";
import { type CellRule, neverRule, type RuleMaker, type RuleSetting } from "../sql/write/rules/cell-rule.js";
import { dateRule } from "../sql/write/rules/date-rule.js";
import { decimalRule, integerRule } from "../sql/write/rules/number-rule.js";
import { textRule } from "../sql/write/rules/text-rule.js";
import type { Db2Target } from "./target-column.js";

const bytesRule: RuleMaker<Db2Target> = ({ type }, { maxLength, declared }, { options }) => {
  if (type !== "bytes" && type !== "string") return neverRule({ name: "", type }, "bytes", options);
  if (maxLength === null) return null;
  return {
    fineBytes: maxLength,
    isFine: (_data, from, to) => to - from <= maxLength,
    convert: (cell) => tooLong(Buffer.byteLength(cell), declared),
  };
};

/** Texts whose lengths are bytes: what is longer but for blanks at its end the server would cut without a word. */
const byteTextRule: RuleMaker<Db2Target> = (source, { maxLength, declared }, { options }) => {
  const isBytes = source.type === "bytes";
  const toText: Conversion = { to: "string", options };
  const longest = maxLength ?? Number.POSITIVE_INFINITY;
  return {
    fineBytes: isBytes ? -1 : longest,
    isFine: (data, from, to) => to - from <= longest && (!isBytes || isUtf8(data.subarray(from, to))),
    convert(cell) {
      const found: Converted = isBytes ? convertCell(cell, "bytes", toText) : { ok: true, cell };
      const bytes = found.ok && found.cell !== null ? Buffer.byteLength(found.cell) : 0;
      return bytes > longest ? tooLong(bytes, declared) : found;
    },
  };
};

function tooLong(bytes: number, declared: string): Converted {
  return { ok: false, reason: "TOO_LONG", message: `the value has ${bytes} bytes, ${declared} takes fewer` };
}

const makers: Readonly<Record<string, RuleMaker<Db2Target>>> = {
  ...{ character: byteTextRule, varchar: byteTextRule },
  ...{ smallint: integerRule, integer: integerRule, bigint: integerRule },
  ...{ decimal: decimalRule, decfloat: decimalRule, real: decimalRule, double: decimalRule },
  ...{ date: dateRule, time: dateRule, timestamp: dateRule },
  ...{ binary: bytesRule, varbinary: bytesRule, blob: bytesRule },
  ...{ "char () for bit data": bytesRule, "varchar () for bit data": bytesRule },
};

/** The rule of a reader's column and the column that it goes into; null = all cells may go as they are. */
export function db2RuleOfPair(source: Column, target: Db2Target, setting: RuleSetting): CellRule | null {
  return (own(makers, target.dataType) ?? textRule)(source, target, setting);
}
