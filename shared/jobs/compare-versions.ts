import type { InlineSources, NamedSource } from "../model/data-source.js";
import { isJsonObject, type Json, type JsonObject } from "../model/json.js";
import type { JobComparison, JobVersion } from "../model/stored-job.js";
import { compareLines, unifiedDiff } from "./line-diff.js";

/** What of a version is compared. */
export type ComparedVersion = JobVersion & { readonly inlineSources: InlineSources };

/**
 * What differs between two versions of a job: field by field, and the scripts line by line. Sealed secrets cannot be
 * compared; where only one differs nothing is shown.
 */
export function compareVersions(before: ComparedVersion, after: ComparedVersion): JobComparison {
  const [earlier, later] = [linesOf(before.script), linesOf(after.script)];
  const lines = compareLines(earlier, later);
  return {
    fields: fieldChanges(fieldsOf(before), fieldsOf(after), ""),
    script: {
      added: lines.filter(({ sign }) => sign === "+").length,
      removed: lines.filter(({ sign }) => sign === "-").length,
      diff: unifiedDiff(lines),
    },
  };
}

/** A script in one line would be one change as a whole. */
function linesOf(script: string): string[] {
  const text = script.trim();
  return (text.includes("\n") ? script.replace(/\r\n/g, "\n").replace(/\n$/, "") : spread(text)).split("\n");
}

function spread(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** All but the script, and nothing that a version does not need to be told from another. */
function fieldsOf(version: ComparedVersion): JsonObject {
  const { script: _script, inlineSources, dataSources: _derived, ...fields } = version;
  const connections = (named: readonly NamedSource[]) =>
    Object.fromEntries(named.map(({ name, source }) => [name, source.properties]));
  const { reader, writer } = inlineSources;
  return plain({ ...fields, connections: { reader: connections(reader), writer: connections(writer) } });
}

/** As JSON has it: a version is stored as that. */
function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

function fieldChanges(
  before: Json | undefined,
  after: Json | undefined,
  path: string,
): JobComparison["fields"][number][] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isJsonObject(before) && isJsonObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => fieldChanges(before[name], after[name], path === "" ? name : `${path}.${name}`));
  }
  return [{ path, before: before ?? null, after: after ?? null }];
}
