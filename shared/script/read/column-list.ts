import type { JsonObject } from "../../model/json.js";
import { foldKey } from "../text/script-tree.js";

/**
 * Makes a list of `column` where it is one text with commas, as DataWorks 1.0 jobs have it. Commas inside quotes or
 * parentheses belong to an expression.
 */
export function withColumnList(parameter: JsonObject): JsonObject {
  const key = Object.keys(parameter).find((name) => foldKey(name) === "column");
  const text = key === undefined ? undefined : parameter[key];
  if (key === undefined || typeof text !== "string" || !text.includes(",")) return parameter;
  return { ...parameter, [key]: splitColumns(text) };
}

function splitColumns(text: string): string[] {
  const columns: string[] = [];
  let depth = 0;
  let start = 0;
  const never = new Set<string>();
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at);
    if (isQuote(sign) && !never.has(sign)) {
      const end = closingQuote(text, at);
      if (end === null) never.add(sign);
      else at = end;
    }
    if (sign === "(") depth++;
    if (sign === ")") depth--;
    if (sign !== "," || depth > 0) continue;
    columns.push(text.slice(start, at).trim());
    start = at + 1;
  }
  return [...columns, text.slice(start).trim()].filter((column) => column !== "");
}

function isQuote(sign: string): boolean {
  return sign === "'" || sign === '"' || sign === "`";
}

/** Where the quote that opens at `at` closes: a doubled quote opens again, one behind a backslash is a letter; null = never. */
function closingQuote(text: string, at: number): number | null {
  const quote = text.charAt(at);
  for (let i = at + 1; i < text.length; i++) {
    const sign = text.charAt(i);
    if (sign === "\\" && quote !== "`") i++;
    else if (sign === quote) return i;
  }
  return null;
}
