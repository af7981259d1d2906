import type { JsonObject } from "../model/json.js";
import { foldKey } from "./script-tree.js";

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

/** Quoted text, or a comma, or a parenthesis. */
const PARTS = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|[(),]/g;

function splitColumns(text: string): string[] {
  const columns: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: part, index } of text.matchAll(PARTS)) {
    if (part === "(") depth++;
    if (part === ")") depth--;
    if (part !== "," || depth > 0) continue;
    columns.push(text.slice(start, index).trim());
    start = index + 1;
  }
  return [...columns, text.slice(start).trim()].filter((column) => column !== "");
}
