import type { Step, Warning } from "../../model/job.js";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import { joinPath } from "../text/field-path.js";
import { didYouMean } from "../text/nearest.js";
import { foldKey, type Locate } from "../text/script-tree.js";

/** Keys that editors and wizards leave in a parameter and that change nothing. */
const WITHOUT_EFFECT = [
  "envType",
  "singleOrMulti",
  "guid",
  "tableComment",
  "selectedDatabase",
  "useSpecialSecret",
  "connectionTable",
  "partitionKey",
];

/** A field by its canonical spelling, with those of the objects inside it. */
export interface KnownField {
  readonly name: string;
  readonly fields?: readonly KnownField[];
}

/** How the keys of an object relate to the known ones. */
export interface MatchedKeys<K extends string> {
  /** Key as written, by canonical spelling. */
  readonly found: ReadonlyMap<K, string>;
  /** Keys that repeat a known one in a worse spelling and are therefore dropped. */
  readonly dropped: readonly { readonly key: string; readonly canonical: K }[];
  readonly unknown: readonly string[];
}

/** Matches the keys of an object with the known ones, ignoring case and surrounding blanks; on a clash the canonical spelling wins, else the last. */
export function matchKeys<K extends string>(object: JsonObject, known: readonly K[]): MatchedKeys<K> {
  const byFolded = new Map(known.map((key) => [foldKey(key), key]));
  const exact = new Set<string>(known);
  const found = new Map<K, string>();
  const dropped: { key: string; canonical: K }[] = [];
  const unknown: string[] = [];
  for (const key of Object.keys(object)) {
    if (object[key] === undefined) continue;
    const canonical = byFolded.get(foldKey(key));
    if (canonical === undefined) {
      unknown.push(key);
      continue;
    }
    const rival = found.get(canonical);
    const wins = rival === undefined || !exact.has(rival);
    if (rival !== undefined) dropped.push({ key: wins ? rival : key, canonical });
    if (wins) found.set(canonical, key);
  }
  return { found, dropped, unknown };
}

/** `unknown key "x" is ignored; did you mean "y"?` */
export function unknownKeyMessage(key: string, known: readonly string[]): string {
  return `unknown key "${key}" is ignored${didYouMean(key, known)}`;
}

/** `the key "X" is dropped, because "x" is there as well`. */
export function droppedKeyMessage(key: string, canonical: string): string {
  return `the key "${key}" is dropped, because "${canonical}" is there as well`;
}

/** `the key "X" is read as "x"`. */
export function renamedKeyMessage(key: string, canonical: string): string {
  return `the key "${key}" is read as "${canonical}"`;
}

/** A step's parameter in canonical spelling. */
export interface CheckedKeys {
  readonly parameter: JsonObject;
  readonly warnings: readonly Warning[];
}

/**
 * Brings the keys of a step's parameter to the connector's spelling, ignoring case and surrounding blanks; those of the objects
 * inside too. Unknown keys stay where they are and draw one warning each, except those that wizards leave behind without effect.
 *
 * @param fields  all that the connector's side knows
 * @param locate  of the script that the step came from
 */
export function checkKeys(
  step: Pick<Step, "parameter" | "path">,
  fields: readonly KnownField[],
  locate: Locate,
): CheckedKeys {
  const { parameter, path } = step;
  const keys = fields.map(({ name }) => name);
  const { found, dropped, unknown } = matchKeys(parameter, [...new Set([...keys, ...WITHOUT_EFFECT])]);
  const warnings: Warning[] = [];
  const warn = (key: string, message: string) => {
    const keyPath = joinPath(path, key);
    warnings.push({ message, path: keyPath, ...locate(keyPath, "key") });
  };
  const result = new Map<string, JsonObject[string]>();
  for (const [canonical, key] of found) {
    if (key !== canonical) warn(key, renamedKeyMessage(key, canonical));
    result.set(canonical, respellInside(parameter[key], fields, canonical));
  }
  for (const { key, canonical } of dropped) warn(key, droppedKeyMessage(key, canonical));
  for (const key of unknown) {
    warn(key, unknownKeyMessage(key, keys));
    result.set(key, parameter[key]);
  }
  return { parameter: Object.fromEntries(result), warnings };
}

/** Mends the objects that stand under a key. */
function respellInside(value: JsonObject[string], fields: readonly KnownField[], name: string): JsonObject[string] {
  const inside = fields.find((field) => field.name === name)?.fields;
  return inside === undefined ? value : respell(value, inside);
}

function respell(value: JsonObject[string], known: readonly KnownField[]): JsonObject[string] {
  if (Array.isArray(value)) return value.map((item: Json) => respell(item, known) ?? null);
  if (!isJsonObject(value)) return value;
  const names = known.map(({ name }) => name);
  const { found, unknown } = matchKeys(value, names);
  const members = [...[...found].map(([name, key]) => [name, key]), ...unknown.map((key) => [key, key])];
  return Object.fromEntries(members.map(([name = "", key = ""]) => [name, respellInside(value[key], known, name)]));
}
