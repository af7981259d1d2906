import { isUtf8 } from "node:buffer";
import type { Cell, ColumnType } from "../../model/batch.js";
import { lineEnd, textEnd } from "./lines.js";
import { packTexts } from "./packer.js";
import { noteBadLine, noteDirty, notText, type Scan } from "./scan.js";

/**
 * Reads the complete JSON lines of a block: one object (cells by path) or one list (cells by index) a line.
 *
 * @returns how many bytes were used up
 */
export function scanJsonLines(scan: Scan, block: Buffer, isLast: boolean): number {
  let at = 0;
  while (at < block.length) {
    const found = lineEnd(scan.format, block, at);
    if (found > block.length && !isLast) break;
    const next = Math.min(found, block.length);
    const end = found > block.length ? next : textEnd(scan.format, block, at, next - 1);
    packLine(scan, block, at, end);
    if (scan.line !== null) scan.line++;
    at = next;
  }
  return at;
}

function packLine(scan: Scan, block: Buffer, start: number, end: number): void {
  if (!scan.isClean && !isUtf8(block.subarray(start, end))) {
    noteBadLine(scan, block, { start, end }, notText(scan.format));
    return;
  }
  const text = block.toString("utf8", start, end);
  if (text.trim() === "") return;
  const record = parseJsonLine(text);
  if (record === undefined) {
    noteBadLine(scan, block, { start, end }, "the line is no JSON object or list");
    return;
  }
  const types: ColumnType[] = [];
  const cells = scan.paths.map((path, i) => {
    const { cell, type } = cellOf(valueAt(record, path));
    types[i] = type;
    return cell;
  });
  const refusal = packTexts(scan.packed, cells, types);
  if (refusal) noteDirty(scan, start, refusal, cells);
}

/** Stands for a number that a JavaScript number cannot hold; followed by its digits. */
const KEPT_NUMBER = "\uE000\uF8FF#";
/** Numbers that may come back other than written: long ones, exponents, trailing zeros, small fractions. False alarms only cost time. */
const FRAGILE_NUMBER = /[\d.]{16}|\d[eE]|\.\d*0(?!\d)|0\.000000|-0/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** A line's object or list, numbers that JavaScript would round kept as marked text; undefined = neither. */
function parseJsonLine(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text); // also judges the syntax of numbers
    if (typeof value !== "object" || value === null) return undefined;
    if (!FRAGILE_NUMBER.test(text) || text.includes(KEPT_NUMBER)) return value;
    const marked = text.replace(STRING_OR_NUMBER, (token) => (token[0] === '"' ? token : `"${KEPT_NUMBER}${token}"`));
    return JSON.parse(marked) as object;
  } catch {
    return undefined;
  }
}

/** The value at a path: a key as it is, else dotted steps, where a number is a position in a list. */
function valueAt(record: object, path: string): unknown {
  if (Object.hasOwn(record, path)) return (record as Record<string, unknown>)[path];
  let value: unknown = record;
  for (const step of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return null;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function cellOf(value: unknown): { cell: Cell; type: ColumnType } {
  if (value === null || value === undefined) return { cell: null, type: "string" };
  if (typeof value === "boolean") return { cell: String(value), type: "bool" };
  if (typeof value === "number") return numberCell(String(value));
  if (typeof value === "string") {
    return value.startsWith(KEPT_NUMBER)
      ? numberCell(value.slice(KEPT_NUMBER.length))
      : { cell: value, type: "string" };
  }
  const text = JSON.stringify(value).replaceAll(new RegExp(`"${KEPT_NUMBER}([^"]*)"`, "g"), "$1");
  return { cell: text, type: "string" };
}

function numberCell(text: string): { cell: Cell; type: ColumnType } {
  return { cell: text, type: /^-?\d+$/.test(text) ? "long" : "double" };
}

/** The keys of a JSON line, in their order: the columns of `*`. A list has its positions. */
export function keysOfLine(text: string): string[] {
  const record = parseJsonLine(text);
  return record === undefined ? [] : Object.keys(record);
}
