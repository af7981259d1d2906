import type { JsonObject } from "../model/json.js";
import type { ParsedScript } from "../script/read/parse-job.js";
import { isSecretName, secretInText } from "../script/read/secret-names.js";
import { joinPath } from "../script/text/field-path.js";
import type { ScriptIssue } from "../script/text/script-error.js";

/** What is left of both parameters once the connections that can be sealed were taken out. */
export interface LeftParameters {
  readonly reader: JsonObject;
  readonly writer: JsonObject;
}

/**
 * Secrets that a script would be stored and shown with: under any name that means one, anywhere, and in URLs. Empty and masked ones are
 * none. Columns and SQL are not looked into: there the same words name data.
 *
 * @returns one issue for each, at its place; values are not repeated
 */
export function leftSecrets(
  { written, job, locate }: Pick<ParsedScript, "written" | "job" | "locate">,
  left: LeftParameters,
): ScriptIssue[] {
  const taken = new Set([job.reader.path, job.writer.path]);
  const paths = [
    ...secretsUnder(written, { path: "", isSecret: false, passOver: taken }),
    ...secretsUnder(left.reader, { path: job.reader.path, isSecret: false }),
    ...secretsUnder(left.writer, { path: job.writer.path, isSecret: false }),
  ];
  return [...new Set(paths)].map((path) => ({
    message:
      "a script is stored and shown as it is, so no password or key may stand here: register a data source, which seals it, and name it in datasource",
    path,
    ...locate(path),
  }));
}

interface At {
  readonly path: string;
  /** A name above means a secret: every value below is one. */
  readonly isSecret: boolean;
  readonly passOver?: ReadonlySet<string>;
}

function* secretsUnder(value: unknown, at: At): Generator<string> {
  const { path, isSecret, passOver } = at;
  if (passOver?.has(path)) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* secretsUnder(item, { ...at, path: joinPath(path, index) });
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value))
      yield* secretsUnder(item, { ...at, path: joinPath(path, key), isSecret: isSecret || isSecretName(key) });
  } else if (isSecret ? holdsSomething(value) : isUrlWithSecret(path, value)) yield path;
}

function holdsSomething(value: unknown): boolean {
  if (typeof value === "number") return true;
  return typeof value === "string" && value.trim() !== "" && !/^\*+$/.test(value.trim());
}

function isUrlWithSecret(path: string, value: unknown): boolean {
  if (typeof value !== "string") return false;
  const isPlace = /(url|endpoint|host|address|defaultfs)(\[\d+\])?$/i.test(path) || /^jdbc:/i.test(value.trim());
  return (isPlace && secretInText(value) !== null) || /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value);
}
