import { notHere } from "../errors.js";
import type { Cursor } from "./cursor.js";

/** Functions over the rows of a group. */
const aggregates = ["count", "sum", "min", "max", "avg"] as const;
type Aggregate = (typeof aggregates)[number];
const operators = ["=", "<>", "<", "<=", ">", ">="] as const;

/** How two values are compared. */
export type Comparison = (typeof operators)[number];

/** A value, or something that is true, false or unknown. */
export type Expression =
  | { readonly kind: "column"; readonly name: string }
  | {
      readonly kind: "literal";
      readonly value: string | boolean | null;
      readonly type: "text" | "number" | "boolean" | "null";
    }
  /** `of` null = `count(*)`. */
  | {
      readonly kind: "aggregate";
      readonly name: Aggregate;
      readonly of: Expression | null;
      readonly isDistinct: boolean;
    }
  | { readonly kind: "compare"; readonly how: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "isNull"; readonly of: Expression }
  | { readonly kind: "in"; readonly of: Expression; readonly list: readonly Expression[] }
  | { readonly kind: "like"; readonly of: Expression; readonly pattern: string };

/** Reads a condition: `or` of `and` of comparisons. @throws SqlFailure */
export function parseSqlCondition(at: Cursor): Expression {
  let left = conjunction(at);
  while (at.accept("OR")) left = { kind: "or", left, right: conjunction(at) };
  return left;
}

function conjunction(at: Cursor): Expression {
  let left = negation(at);
  while (at.accept("AND")) left = { kind: "and", left, right: negation(at) };
  return left;
}

function negation(at: Cursor): Expression {
  if (at.accept("NOT")) return { kind: "not", of: negation(at) };
  if (!at.accept("(")) return comparison(at);
  const inner = parseSqlCondition(at);
  at.expect(")");
  return inner;
}

function comparison(at: Cursor): Expression {
  const left = parseExpression(at);
  if (at.accept("IS")) {
    const isNegated = at.accept("NOT");
    at.expect("NULL");
    return negated({ kind: "isNull", of: left }, { isNegated });
  }
  const isNegated = at.accept("NOT");
  if (at.accept("IN"))
    return negated({ kind: "in", of: left, list: at.list(() => parseExpression(at)) }, { isNegated });
  if (at.accept("LIKE")) return negated({ kind: "like", of: left, pattern: at.text() }, { isNegated });
  if (at.accept("BETWEEN")) return negated(between(at, left), { isNegated });
  if (isNegated) at.fail("IN, LIKE or BETWEEN");
  const how = comparisonSign(at);
  return how === null ? left : { kind: "compare", how, left, right: parseExpression(at) };
}

function negated(of: Expression, { isNegated }: { isNegated: boolean }): Expression {
  return isNegated ? { kind: "not", of } : of;
}

function between(at: Cursor, of: Expression): Expression {
  const least = parseExpression(at);
  at.expect("AND");
  const most = parseExpression(at);
  return {
    kind: "and",
    left: { kind: "compare", how: ">=", left: of, right: least },
    right: { kind: "compare", how: "<=", left: of, right: most },
  };
}

/** The longer signs first: tokens are single characters. */
const signs: readonly (readonly [readonly string[], Comparison])[] = [
  [["<", ">"], "<>"],
  [["!", "="], "<>"],
  [["<", "="], "<="],
  [[">", "="], ">="],
  [["=", "="], "="],
  [["="], "="],
  [["<"], "<"],
  [[">"], ">"],
];

function comparisonSign(at: Cursor): Comparison | null {
  return signs.find(([words]) => at.accept(...words))?.[1] ?? null;
}

/** Reads a column, a literal or an aggregate. @throws SqlFailure */
export function parseExpression(at: Cursor): Expression {
  const found = operand(at);
  const sign = ["+", "-", "*", "/", "%", "|"].find((one) => at.peek().kind === "sign" && at.peek().text === one);
  if (sign) throw notHere(`operator ${sign}`);
  return found;
}

function operand(at: Cursor): Expression {
  const { kind, text } = at.peek();
  if (kind === "text") return { kind: "literal", value: at.text(), type: "text" };
  if (kind === "number") return number(at, "");
  if (at.accept("-")) return number(at, "-");
  if (at.accept("NULL")) return { kind: "literal", value: null, type: "null" };
  if (at.accept("TRUE")) return { kind: "literal", value: true, type: "boolean" };
  if (at.accept("FALSE")) return { kind: "literal", value: false, type: "boolean" };
  if (kind !== "word" && kind !== "quoted") return at.fail("a column or a value");
  if (kind === "word" && /^(date|datetime|timestamp)$/i.test(text) && at.peek(1).kind === "text") {
    at.take();
    return { kind: "literal", value: at.text(), type: "text" };
  }
  if (kind === "word" && at.peek(1).text === "(" && at.peek(1).kind === "sign") return call(at);
  let name = at.name();
  while (at.accept(".")) name = at.name();
  return { kind: "column", name };
}

function number(at: Cursor, sign: string): Expression {
  const { kind, text } = at.take();
  if (kind !== "number") return at.fail("a number");
  return { kind: "literal", value: sign + text.replace(/(?:BD|[LSYD])$/i, ""), type: "number" };
}

function call(at: Cursor): Expression {
  const called = at.name();
  const name = aggregates.find((one) => one === called);
  if (!name) throw notHere(`function ${called}`);
  at.expect("(");
  if (name === "count" && at.accept("*")) {
    at.expect(")");
    return { kind: "aggregate", name, of: null, isDistinct: false };
  }
  const isDistinct = at.accept("DISTINCT");
  if (isDistinct && name !== "count") throw notHere(`DISTINCT in ${name}`);
  const of = parseExpression(at);
  at.expect(")");
  return { kind: "aggregate", name, of, isDistinct };
}
