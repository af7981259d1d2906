import type { Connector } from "../connectors/contract.js";
import { UserError } from "../model/errors.js";
import type { Step, Warning } from "../model/job.js";
import { isJsonObject, type Json, type JsonObject } from "../model/json.js";
import { ScriptError, type ScriptIssue } from "../script/text/script-error.js";
import type { Locate } from "../script/text/script-tree.js";
import { propertyFaults } from "../sources/check-properties.js";
import { refuseHiddenSecrets } from "../sources/hidden-secrets.js";

/** A step without the connections it carried, and their properties by invented name, secrets included. */
export interface TakenInline {
  readonly step: Step;
  readonly sources: Readonly<Record<string, JsonObject>>;
  readonly warnings: readonly Warning[];
}

/**
 * Takes the connections out of a DataX step; other steps stay as they are.
 *
 * @throws ScriptError at the property at fault; its value is not repeated
 */
export function takeInline(connector: Connector, step: Step, locate: Locate): TakenInline {
  try {
    refusePlaceholders(step.parameter, connector.source.inlineKeys ?? []);
    const taken = connector.source.fromInline?.(step.parameter) ?? null;
    if (!taken) return { step, sources: {}, warnings: [] };
    for (const properties of Object.values(taken.sources)) refuseHiddenSecrets(connector, properties, step.path);
    const faults = Object.values(taken.sources).flatMap((given) => propertyFaults(connector, given, step.path));
    const [first, ...rest] = faults.map((fault) => issueOf(fault, step, locate));
    if (first) throw new ScriptError(first, ...rest);
    const warnings = (taken.warnings ?? []).map(({ path, message }) => {
      const place = `${step.path}.${path}`;
      return { message, path: place, ...locate(place) };
    });
    return { step: { ...step, parameter: taken.parameter }, sources: taken.sources, warnings };
  } catch (error) {
    if (!(error instanceof UserError) || error instanceof ScriptError) throw error;
    throw new ScriptError(issueOf(error, step, locate));
  }
}

function issueOf(error: UserError, step: Step, locate: Locate): ScriptIssue {
  const given = error.path ?? step.path;
  const path = given.startsWith(step.path) ? given : `${step.path}.${given}`;
  // Its own beginning says where, which the issue says too.
  const message = error.message.startsWith(`${given}: `) ? error.message.slice(given.length + 2) : error.message;
  return { message, path, ...locate(path) };
}

/** The same connections under names that are none of `taken`, so that the two sides of a job differ. */
export function renamedInline(
  { step, sources }: TakenInline,
  taken: readonly string[],
): Pick<TakenInline, "step" | "sources"> {
  const names = new Map(Object.keys(sources).map((name, i) => [name, `inline_${taken.length + i + 1}`]));
  const renamed = (one: JsonObject): JsonObject => {
    const name = names.get(String(one.datasource));
    return name === undefined ? one : { ...one, datasource: name };
  };
  const inside = (one: Json): Json => (isJsonObject(one) ? renamed(one) : one);
  const { connection } = step.parameter;
  const connections = Array.isArray(connection) ? connection.map(inside) : connection && inside(connection);
  const parameter = { ...renamed(step.parameter), ...(connections !== undefined && { connection: connections }) };
  const entries = Object.entries(sources).map(([name, properties]) => [names.get(name) ?? name, properties]);
  return { step: { ...step, parameter }, sources: Object.fromEntries(entries) };
}

/** A connection is sealed when the script is stored, which parameters have no part in. */
function refusePlaceholders(parameter: JsonObject, keys: readonly string[]): void {
  const { connection } = parameter;
  const inside = Array.isArray(connection)
    ? connection.map((one: Json, i) => [`connection[${i}].`, one] as const)
    : [["connection.", connection] as const];
  const places: readonly (readonly [string, Json | undefined])[] = [["", parameter], ...inside];
  for (const [prefix, at] of places) {
    if (!isJsonObject(at) || at.datasource !== undefined) continue;
    for (const key of keys) {
      const texts = Array.isArray(at[key]) ? at[key] : [at[key]];
      if (!texts.some((text) => typeof text === "string" && /\$\{\w+\}/.test(text))) continue;
      const path = `${prefix}${key}`;
      const message = `${key} cannot come from a parameter: register a data source and name it in datasource, by a parameter if you like`;
      throw new UserError("CONFIG_INVALID", message, { path });
    }
  }
}
