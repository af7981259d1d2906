import { UserError } from "../../model/errors.js";
import { parsePartitionSpec, type SpecPart } from "./partition-spec.js";

/** Decides whether a partition is wanted. */
export type PartitionMatch = (partition: readonly SpecPart[]) => boolean;

const QUERY = /^\s*\/\*query\*\//i;

/**
 * Makes a match of an entry of `partition`: levels with `*` for any text and `?` for one character, or a condition on the levels.
 *
 * @param path  of the entry, for errors
 * @throws UserError CONFIG_INVALID
 */
export function partitionMatch(entry: string, keys: readonly string[], path: string): PartitionMatch {
  return QUERY.test(entry) ? conditionMatch(entry.replace(QUERY, ""), keys, path) : globMatch(entry, keys, path);
}

function globMatch(entry: string, keys: readonly string[], path: string): PartitionMatch {
  const parts = parsePartitionSpec(entry, path);
  const named = parts.map(([key]) => key);
  if (named.join() !== keys.join()) {
    const message = `${path}: the table is partitioned by ${keys.join(", ")}; name each level in that order, * for any value, not ${named.join(", ") || "none"}`;
    throw new UserError("CONFIG_INVALID", message, { path });
  }
  const patterns = parts.map(([, value]) => globOf(value));
  return (partition) => partition.every(([, value], at) => patterns[at]?.test(value) ?? false);
}

function globOf(value: string): RegExp {
  const signs: Readonly<Record<string, string>> = { "*": "[\\s\\S]*", "?": "[\\s\\S]" };
  return new RegExp(`^${value.replace(/[\\^$.*+?()[\]{}|]/g, (sign) => signs[sign] ?? `\\${sign}`)}$`, "u");
}

type Truth = (values: ReadonlyMap<string, string>) => boolean;

interface Reading {
  readonly tokens: readonly string[];
  readonly keys: readonly string[];
  readonly fail: (why: string) => never;
  at: number;
}

/** Comparisons of a level with a value, in(…), and/or/not and parentheses; what else there may be is refused. */
function conditionMatch(text: string, keys: readonly string[], path: string): PartitionMatch {
  const fail = (why: string): never => {
    const message = `${path}: "${text.trim()}": ${why}; a condition compares ${keys.join(", ")} with values, joined by and, or, not`;
    throw new UserError("CONFIG_INVALID", message, { path });
  };
  const tokens = text.match(/'[^']*'|"[^"]*"|<=|>=|<>|!=|==|[=<>(),]|[^\s=<>!(),'"]+/g) ?? [];
  const reading: Reading = { tokens, keys, fail, at: 0 };
  const truth = either(reading);
  if (reading.at < tokens.length) fail(`"${tokens[reading.at]}" does not belong there`);
  return (partition) => truth(new Map(partition));
}

function accepts(reading: Reading, word: string): boolean {
  if (reading.tokens[reading.at]?.toLowerCase() !== word) return false;
  reading.at++;
  return true;
}

function either(reading: Reading): Truth {
  let left = both(reading);
  while (accepts(reading, "or")) {
    const [a, b] = [left, both(reading)];
    left = (values) => a(values) || b(values);
  }
  return left;
}

function both(reading: Reading): Truth {
  let left = single(reading);
  while (accepts(reading, "and")) {
    const [a, b] = [left, single(reading)];
    left = (values) => a(values) && b(values);
  }
  return left;
}

function single(reading: Reading): Truth {
  if (accepts(reading, "not")) {
    const of = single(reading);
    return (values) => !of(values);
  }
  if (!accepts(reading, "(")) return comparison(reading);
  const inner = either(reading);
  if (!accepts(reading, ")")) reading.fail("a parenthesis is not closed");
  return inner;
}

const verdicts: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "==": (order) => order === 0,
  "<>": (order) => order !== 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

function comparison(reading: Reading): Truth {
  const key = (reading.tokens[reading.at++] ?? "").replaceAll("`", "").toLowerCase();
  if (!reading.keys.includes(key)) reading.fail(`"${key}" is no level of the partitions`);
  const isNegated = accepts(reading, "not");
  if (accepts(reading, "in")) {
    const isMember = membership(reading, key);
    return isNegated ? (values) => !isMember(values) : isMember;
  }
  const sign = reading.tokens[reading.at++] ?? "";
  const verdict = verdicts[sign];
  if (!verdict || isNegated) return reading.fail(`"${sign}" compares nothing here`);
  const compare = valueAt(reading);
  return (values) => verdict(compare(values.get(key) ?? ""));
}

function membership(reading: Reading, key: string): Truth {
  if (!accepts(reading, "(")) reading.fail("expected ( behind in");
  const any = [valueAt(reading)];
  while (accepts(reading, ",")) any.push(valueAt(reading));
  if (!accepts(reading, ")")) reading.fail("a parenthesis is not closed");
  return (values) => any.some((compare) => compare(values.get(key) ?? "") === 0);
}

/** Text in quotes is compared as text, a bare number as a number. */
function valueAt(reading: Reading): (value: string) => number {
  const token = reading.tokens[reading.at++] ?? "";
  const quoted = /^(['"])([\s\S]*)\1$/.exec(token)?.[2];
  if (quoted !== undefined) return (value) => Buffer.compare(Buffer.from(value), Buffer.from(quoted));
  if (!/^-?\d+(\.\d+)?$/.test(token)) return reading.fail(`"${token}" is no value; put text into quotes`);
  const number = Number(token);
  return (value) =>
    Number(value) < number ? -1 : Number(value) > number ? 1 : Number.isNaN(Number(value)) ? Number.NaN : 0;
}
