import type { Warning } from "../../model/job.js";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import { joinPath } from "../text/field-path.js";
import type { ScriptIssue } from "../text/script-error.js";
import type { Locate } from "../text/script-tree.js";
import { showValue } from "../text/show-value.js";
import { droppedKeyMessage, matchKeys, renamedKeyMessage, unknownKeyMessage } from "./keys.js";
import { hasPlaceholder } from "./substitute.js";

/** A value of the script and its field path. */
export interface ScriptField {
  readonly value: Json;
  readonly path: string;
}

/** A spelling that `fix` corrects. */
export interface Respelling {
  readonly path: string;
  readonly part: "key" | "value";
  readonly to: string;
}

/** One script being read: what was found out so far. */
export interface Reading {
  readonly locate: Locate;
  /** Placeholders may be left, so a value that holds one cannot be judged yet. */
  readonly lenient: boolean;
  /** Any `$name` may be a placeholder, as in DataX scripts. */
  readonly bareNames: boolean;
  readonly issues: ScriptIssue[];
  readonly warnings: Warning[];
  readonly respellings: Respelling[];
  /** Paths of keys nobody knows. */
  readonly unknownKeys: string[];
  /** What is printed back although it means nothing here, by canonical 2.0 path. */
  readonly carried: Record<string, Json>;
}

/** Notes something that makes the script unusable. */
export function report(
  reading: Reading,
  path: string,
  { message, part = "value" }: { message: string; part?: "key" | "value" | undefined },
): void {
  reading.issues.push({ message, path, ...reading.locate(path, part) });
}

/** Notes something odd that does not stop the job. */
export function warn(
  reading: Reading,
  path: string,
  { message, part = "value" }: { message: string; part?: "key" | "value" | undefined },
): void {
  reading.warnings.push({ message, path, ...reading.locate(path, part) });
}

/** Keeps a value for printing under its canonical 2.0 path. */
export function carry(reading: Reading, canonicalPath: string, field: ScriptField | undefined): void {
  if (field) reading.carried[canonicalPath] = field.value;
}

/** The members of an object by canonical key, null ones left out; others draw a warning each. */
export function membersOf<K extends string>(
  reading: Reading,
  field: ScriptField,
  known: readonly K[],
): Partial<Record<K, ScriptField>> {
  const members: Partial<Record<K, ScriptField>> = {};
  if (!isJsonObject(field.value)) return members;
  const { found, dropped, unknown } = matchKeys(field.value, known);
  for (const [canonical, key] of found) {
    const path = joinPath(field.path, canonical);
    if (key !== canonical) {
      warn(reading, joinPath(field.path, key), { message: renamedKeyMessage(key, canonical), part: "key" });
      reading.respellings.push({ path: joinPath(field.path, key), part: "key", to: canonical });
    }
    const value = field.value[key];
    if (value !== undefined && value !== null) members[canonical] = { value, path };
  }
  for (const { key, canonical } of dropped)
    warn(reading, joinPath(field.path, key), { message: droppedKeyMessage(key, canonical), part: "key" });
  for (const key of unknown) {
    warn(reading, joinPath(field.path, key), { message: unknownKeyMessage(key, known), part: "key" });
    reading.unknownKeys.push(joinPath(field.path, key));
  }
  return members;
}

/** The field if it is an object; anything else is an issue, whose message may show an example. */
export function objectField(
  reading: Reading,
  field: ScriptField | undefined,
  example?: string,
): (ScriptField & { value: JsonObject }) | undefined {
  if (!field) return undefined;
  const { value, path } = field;
  if (isJsonObject(value)) return { value, path };
  const such = example === undefined ? "," : `, such as ${example};`;
  report(reading, path, { message: `expected an object${such} seen ${showValue(value, path)}` });
  return undefined;
}

/** The items of a list; anything else is an issue. */
export function listField(reading: Reading, field: ScriptField, of: string): readonly ScriptField[] | undefined {
  const { value, path } = field;
  if (Array.isArray(value)) return value.map((item: Json, i) => ({ value: item, path: joinPath(path, i) }));
  report(reading, path, { message: `expected a list of ${of}, seen ${showValue(value, path)}` });
  return undefined;
}

/** The field's text without surrounding blanks (which draw a warning); undefined, after an issue, when it is blank or no text. */
export function textField(reading: Reading, field: ScriptField, expected: string): string | undefined {
  const { value, path } = field;
  const text = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  if (typeof text !== "string" || text.trim() === "") {
    const seen = typeof text === "string" ? "it is blank" : `seen ${showValue(value, path)}`;
    report(reading, path, { message: `expected ${expected}; ${seen}` });
    return undefined;
  }
  const trimmed = text.trim();
  if (trimmed !== text) {
    warn(reading, path, { message: `the blanks around ${showValue(trimmed, path)} are dropped` });
    reading.respellings.push({ path, part: "value", to: trimmed });
  }
  return trimmed;
}

/** Whether the value waits for a parameter; if so it is carried under `canonicalPath`, to be judged when the run starts. */
export function isPending(reading: Reading, { value, path }: ScriptField, canonicalPath: string | null): boolean {
  if (!reading.lenient || typeof value !== "string" || !hasPlaceholder(value, reading)) return false;
  warn(reading, path, { message: `${showValue(value, path)} is judged only when the run starts` });
  if (canonicalPath !== null) reading.carried[canonicalPath] = value;
  return true;
}
