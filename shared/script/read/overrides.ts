import type { Step, Warning } from "../../model/job.js";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import { joinPath } from "../text/field-path.js";
import type { Locate } from "../text/script-tree.js";
import type { CheckedKeys } from "./keys.js";

/** Keys that count for nothing while another one has a value, by that other one; see `Reader.overrides`. */
export type Overrides = Readonly<Record<string, readonly string[]>>;

/**
 * Takes out what another key stands in place of, in the parameter itself and in the entries of `connection`; one
 * warning for each key that had a value.
 *
 * @param step    its parameter in canonical spelling
 * @param locate  of the script that the step came from
 */
export function withoutOverridden(
  { parameter, path }: Pick<Step, "parameter" | "path">,
  overrides: Overrides,
  locate: Locate,
): CheckedKeys {
  const warnings: Warning[] = [];
  const places = [parameter, ...connectionsOf(parameter)];
  const losers = new Map<string, string>();
  for (const [winner, keys] of Object.entries(overrides)) {
    if (places.some((place) => hasValue(place[winner]))) for (const key of keys) losers.set(key, winner);
  }
  const without = (object: JsonObject, at: string): JsonObject => {
    const kept = Object.entries(object).filter(([key, value]) => {
      const winner = losers.get(key);
      // One connection's statement says nothing about another's table.
      if (winner === undefined || !(at === path || hasValue(object[winner]) || hasValue(parameter[winner])))
        return true;
      const keyPath = joinPath(at, key);
      const message = `${key} is ignored, because ${winner} is there and says it all`;
      if (hasValue(value)) warnings.push({ message, path: keyPath, ...locate(keyPath, "key") });
      return false;
    });
    return Object.fromEntries(kept);
  };
  if (losers.size === 0) return { parameter, warnings };
  const { connection } = parameter;
  const entry = (one: Json, at: string) => (isJsonObject(one) ? without(one, at) : one);
  const connectionPath = joinPath(path, "connection");
  const connections = Array.isArray(connection)
    ? connection.map((one: Json, index) => entry(one, joinPath(connectionPath, index)))
    : connection !== undefined && entry(connection, connectionPath);
  return {
    parameter: { ...without(parameter, path), ...(connection !== undefined && { connection: connections }) },
    warnings,
  };
}

/** Sets what a step type stands for where the job leaves it out; see `Writer.defaults`. */
export function withDefaults(parameter: JsonObject, defaults: JsonObject = {}): JsonObject {
  const missing = Object.entries(defaults).filter(([key]) => !hasValue(parameter[key]));
  return missing.length === 0 ? parameter : { ...parameter, ...Object.fromEntries(missing) };
}

function connectionsOf({ connection }: JsonObject): readonly JsonObject[] {
  return (Array.isArray(connection) ? connection : [connection]).filter(isJsonObject);
}

function hasValue(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(hasValue);
  return value !== undefined && value !== null && !(typeof value === "string" && value.trim() === "");
}
