import { isUtf8 } from "node:buffer";
import { type Converted, convertCell } from "../../model/convert.js";
import { type CellRule, notConverted, type RuleMaker } from "../sql/write/cell-rule.js";
import type { MysqlTarget } from "./target-column.js";

const BLANK = 0x20;

/** Text in all its types. Bytes must be text; blanks at the end that do not fit the server would cut off even if it is strict. */
export const textRule: RuleMaker<MysqlTarget> = (source, target, { options }) => {
  const isBytes = source.type === "bytes";
  const longest = target.dataType === "varchar" || target.dataType === "char" ? target.maxLength : null;
  if (!isBytes && (longest === null || source.type !== "string")) return null;
  return {
    fineBytes: isBytes || longest === null ? -1 : longest,
    isFine: (data, from, to) =>
      (!isBytes || isUtf8(data.subarray(from, to))) &&
      (longest === null || data[to - 1] !== BLANK || to - from <= longest || characters(data, from, to) <= longest),
    convert(cell) {
      const found = isBytes ? convertCell(cell, "bytes", "string", options) : null;
      return found && !found.ok ? found : tooLong(cell, target);
    },
  };
};

function tooLong(cell: string | Buffer, { dataType, maxLength }: MysqlTarget): Converted {
  const length = Array.from(cell.toString("utf8")).length;
  return {
    ok: false,
    reason: "TOO_LONG",
    message: `the text has ${length} characters, ${dataType}(${maxLength}) takes fewer`,
  };
}

/** ENUM and SET. The server would take digits for the number of a member, and `A` for `a`. */
export const memberRule: RuleMaker<MysqlTarget> = (_source, target) => {
  const members = (target.members ?? []).map((member) => Buffer.from(member));
  const isSet = target.dataType === "set";
  const isMember: CellRule["isFine"] = (data, from, to) =>
    members.some((member) => member.length === to - from && data.compare(member, 0, member.length, from, to) === 0);
  return {
    fineBytes: isSet ? 0 : -1,
    isFine: isSet ? (data, from, to) => areMembers(data, [from, to], isMember) : isMember,
    convert: (cell) =>
      notConverted(cell, `is ${isSet ? "no list of members" : "no member"} of the column's ${target.dataType}`),
  };
};

function areMembers(data: Buffer, [from, to]: [number, number], isMember: CellRule["isFine"]): boolean {
  let start = from;
  for (let at = from; at <= to; at++) {
    if (at < to && data[at] !== 0x2c) continue;
    if (!isMember(data, start, at)) return false;
    start = at + 1;
  }
  return true;
}

function characters(data: Buffer, from: number, to: number): number {
  let count = 0;
  // Bytes that continue a UTF-8 character are no character of their own.
  for (let i = from; i < to; i++) if (((data[i] ?? 0) & 0xc0) !== 0x80) count++;
  return count;
}
