import { ApiProblem, Unreachable } from "../../shared/api/client/failures.js";
import { toErrorReport } from "../../shared/model/errors.js";
import { formatIssue, ScriptError, type ScriptIssue } from "../../shared/script/text/script-error.js";
import { BadInput } from "./bad-input.js";
import { missingSourceAdvice } from "./source-advice.js";
import type { OutputStream } from "./terminal.js";

/** A job script as it was given, for showing the line at fault. */
export interface ScriptText {
  /** The file's name as the user wrote it; `(stdin)` for standard input. */
  readonly file: string;
  readonly text: string;
}

/** An error as `--json` prints it. */
export interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly path?: string;
    readonly line?: number;
    readonly column?: number;
    readonly requestId?: string;
    readonly issues?: readonly ScriptIssue[];
  };
}

/** Turns whatever a command threw into the document that `--json` prints. */
export function errorDocument(error: unknown): ErrorDocument {
  if (error instanceof ApiProblem) {
    const { code, detail: message, hint, path, line, column, requestId, issues } = error.problem;
    const where = { ...(path && { path }), ...(line && { line }), ...(column && { column }) };
    return {
      error: { code, message, hint, ...where, ...(requestId && { requestId }), ...(issues && { issues }) },
    };
  }
  if (error instanceof Unreachable) return { error: { code: "UNREACHABLE", message: error.message, hint: error.hint } };
  if (error instanceof BadInput) {
    const issues = error.issues.length > 0 ? { issues: error.issues } : {};
    return { error: { code: "CONFIG_INVALID", message: error.message, hint: error.hint, ...issues } };
  }
  const { recovery: _inCode, ...report } = toErrorReport(error);
  return { error: { ...report, ...(error instanceof ScriptError && { issues: error.issues }) } };
}

/** Shows an error to a person: what, where in the script with the line itself, and what to do. */
export function showError(error: unknown, output: OutputStream, script: ScriptText | null): void {
  const { error: report } = errorDocument(error);
  const label = output.paint("red", "error");
  for (const issue of report.issues ?? [report]) {
    // A file has to do with it where it stands in one.
    const isPlaced = report.issues !== undefined || issue.line !== undefined;
    showIssue(issue, { output, script: isPlaced ? script : null, label });
  }
  if (report.hint !== "") output.write(`${output.paint("dim", "hint")}: ${report.hint}\n`);
  const advice = /\.datasource: /.test(report.message) ? missingSourceAdvice(report.message) : null;
  if (advice !== null) output.write(`${advice}\n`);
  if (report.requestId !== undefined && report.code === "INTERNAL") output.write(`request: ${report.requestId}\n`);
}

/** The same issue without the place that its message begins with, as the message of a `ScriptError` does. */
export function withoutPlace<T extends ScriptIssue>(issue: T): T {
  const place = formatIssue({ ...issue, message: "" });
  return place !== "" && issue.message.startsWith(place)
    ? { ...issue, message: issue.message.slice(place.length) }
    : issue;
}

/** Where and how {@link showIssue} writes. */
export interface IssueView {
  readonly output: OutputStream;
  readonly script: ScriptText | null;
  /** The word before the message, already painted. */
  readonly label: string;
}

/**
 * Shows one issue as `file:line:column: label: message`, with the line at fault and a caret under the place; without the
 * script as `label: line 3, column 7, at path: message`.
 */
export function showIssue(issue: ScriptIssue, { output, script, label }: IssueView): void {
  const named = issue.path === undefined || issue.message.includes(issue.path) ? "" : `${issue.path}: `;
  const text = script === null && issue.line !== undefined ? formatIssue(issue) : named + issue.message;
  const place = script && [script.file, issue.line, issue.column].filter((part) => part !== undefined).join(":");
  output.write(`${place === null ? "" : `${place}: `}${label}: ${text}\n`);
  if (script === null || issue.line === undefined) return;
  const source = script.text.split(/\r\n|\n|\r/)[issue.line - 1];
  if (source !== undefined) output.write(excerpt(source, issue.line, { column: issue.column, output }));
}

/** How much of a long line is shown on both sides of the caret. */
const EXCERPT_REACH = 60;

function excerpt(
  source: string,
  line: number,
  { column, output }: { column: number | undefined; output: OutputStream },
): string {
  const at = Math.max(0, (column ?? 1) - 1);
  const from = source.length <= 2 * EXCERPT_REACH ? 0 : Math.max(0, at - EXCERPT_REACH);
  const visible = source.slice(from, from + 2 * EXCERPT_REACH);
  const gutter = `${line} | `;
  const text = `  ${output.paint("dim", gutter)}${visible}\n`;
  if (column === undefined) return text;
  // Tabs stay tabs under the line, so that the caret stands below its character whatever the tab width is.
  const indent = visible.slice(0, at - from).replace(/[^\t]/g, " ");
  return `${text}  ${" ".repeat(gutter.length)}${indent}${output.paint("red", "^")}\n`;
}
