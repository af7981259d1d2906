import type { Cell, ColumnType } from "../../model/batch.js";
import { countJsonValues, findTwice, shapeOf } from "../../model/json-shape.js";

/** Deeper ones are refused: what prints or walks them later would run out of stack. */
export const MAX_JSON_DEPTH = 512;
/** A line of more values takes many times its bytes in memory. */
export const MAX_JSON_VALUES = 1_000_000;

/** A line's object or list. */
export interface JsonRecord {
  readonly value: object;
  /** Numbers and texts among the values begin with a mark, because JavaScript would have changed some number. */
  readonly isMarked: boolean;
  /** The line spells halves of surrogate pairs, so each text is to be looked at. */
  readonly mayHoldHalves: boolean;
}

/** Numbers that may come back other than written: long ones, exponents, trailing zeros, small fractions. False alarms only cost time. */
const FRAGILE_NUMBER = /[\d.]{16}|\d[eE]|\.\d*0(?!\d)|0\.000000|-0(?!\d)/;
const HALF_ESCAPE = /\\u[dD][89a-fA-F]/;
/** In a text with the flag u, halves of a pair are only found alone. */
const LONE_HALF = /\p{Surrogate}/u;

const NUMBER_MARK = "#";
const TEXT_MARK = "$";
/** The second group tells a key from a text. */
const TEXT_OR_NUMBER = /"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?|-?\d[\d.eE+-]*/g;

/** Reads a line without changing a value of it; a text = why it cannot be. */
export function parseJsonLine(text: string): JsonRecord | string {
  if (countJsonValues(text, MAX_JSON_VALUES) > MAX_JSON_VALUES) return "the line holds more than 1,000,000 values";
  try {
    const value: unknown = JSON.parse(text); // also judges the syntax of numbers
    if (typeof value !== "object" || value === null) return "the line is no JSON object or list";
    const { depth, members } = shapeOf(value, MAX_JSON_DEPTH);
    if (depth > MAX_JSON_DEPTH) return `the line is nested more than ${MAX_JSON_DEPTH} levels deep`;
    const twice = findTwice(text, members);
    if (twice !== null)
      return `the key ${displayedKey(twice)} comes twice in one object, and only one value could be kept`;
    const mayHoldHalves = HALF_ESCAPE.test(text);
    if (!FRAGILE_NUMBER.test(text)) return { value, isMarked: false, mayHoldHalves };
    return { value: JSON.parse(marked(text)) as object, isMarked: true, mayHoldHalves };
  } catch {
    return "the line is no JSON object or list";
  }
}

function marked(text: string): string {
  return text.replace(TEXT_OR_NUMBER, (token, inner: string | undefined, colon: string | undefined) => {
    if (inner === undefined) return `"${NUMBER_MARK}${token}"`;
    return colon === undefined ? `"${TEXT_MARK}${inner}"` : token;
  });
}

function unmarked(text: string): string {
  return text.replace(TEXT_OR_NUMBER, (token, inner: string | undefined, colon: string | undefined) => {
    if (inner === undefined || colon !== undefined) return token;
    return inner.startsWith(NUMBER_MARK) ? inner.slice(1) : `"${inner.slice(1)}"`;
  });
}

/** A value as a cell with its type, or why it is none. */
export type JsonCell = { readonly cell: Cell; readonly type: ColumnType } | { readonly refused: string };

/** The cell at a path: a key as it is, else dotted steps, where a number is a position in a list. */
export function cellAtPath(record: JsonRecord, path: string): JsonCell {
  if (Object.hasOwn(record.value, path)) return cellAtKey(record, path);
  let value: unknown = record.value;
  for (const step of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return cellOf(record, null);
    value = (value as Record<string, unknown>)[step];
  }
  return cellOf(record, value);
}

/** The cell of a key; null when there is none. */
export function cellAtKey(record: JsonRecord, key: string): JsonCell {
  const value = Object.hasOwn(record.value, key) ? (record.value as Record<string, unknown>)[key] : null;
  return cellOf(record, value);
}

function cellOf({ isMarked, mayHoldHalves }: JsonRecord, value: unknown): JsonCell {
  if (value === null || value === undefined) return { cell: null, type: "string" };
  if (typeof value === "boolean") return { cell: String(value), type: "bool" };
  if (typeof value === "number") return numberCell(String(value));
  if (typeof value === "string") {
    if (isMarked && value.startsWith(NUMBER_MARK)) return numberCell(value.slice(1));
    const text = isMarked ? value.slice(1) : value;
    return mayHoldHalves ? wholeText(text) : { cell: text, type: "string" };
  }
  const text = JSON.stringify(value); // spells halves of pairs, so that they stay
  return { cell: isMarked ? unmarked(text) : text, type: "string" };
}

function wholeText(text: string): JsonCell {
  const half = LONE_HALF.exec(text);
  if (half === null) return { cell: text, type: "string" };
  return {
    refused: `the text holds half a character, \\u${half[0].charCodeAt(0).toString(16)}, which nothing can store`,
  };
}

function numberCell(text: string): JsonCell {
  return { cell: text, type: /^-?\d+$/.test(text) ? "long" : "double" };
}

/** A key for people, cut where it is long. */
export function displayedKey(key: string): string {
  return JSON.stringify(key.length > 100 ? `${key.slice(0, 100)}…` : key);
}

/**
 * The keys of a JSON line, in their order: the columns of `*`. A list has its positions. None when the line is no
 * record or its keys are no names.
 */
export function keysOfLine(text: string): string[] {
  const record = parseJsonLine(text);
  if (typeof record === "string") return [];
  const keys = Object.keys(record.value);
  return record.mayHoldHalves && keys.some((key) => LONE_HALF.test(key)) ? [] : keys;
}
