import type { Job } from "../model/job.js";
import { carry, type Field, membersOf, objectField, type Reading, report } from "./reading.js";
import { checkHeader } from "./script-header.js";
import { readSetting } from "./setting.js";
import { readStep, type SideName } from "./step.js";

const CARRIED = ["extend", "transform", "traceId"] as const;
/** Top-level keys of this spelling. */
export const DATAWORKS1_KEYS = ["type", "version", "configuration", ...CARRIED] as const;

/** Reads a DataWorks 1.0 script: everything inside `configuration`. */
export function readDataworks1(reading: Reading, root: Field): Job {
  const members = membersOf(reading, root, DATAWORKS1_KEYS);
  checkHeader(reading, members);
  for (const key of CARRIED) carry(reading, key, members[key]);
  const configuration = objectField(reading, members.configuration);
  const parts = configuration ? membersOf(reading, configuration, ["reader", "writer", "setting"]) : {};
  const path = members.configuration?.path ?? "configuration";
  const side = (name: SideName) =>
    readSide(reading, name, { field: parts[name], path, missing: configuration !== undefined });
  return {
    reader: side("reader"),
    writer: side("writer"),
    setting: readSetting(reading, parts.setting, { format: "dataworks-1.0", path: `${path}.setting` }),
    format: "dataworks-1.0",
    carried: reading.carried,
  };
}

function readSide(
  reading: Reading,
  side: SideName,
  { field, path, missing }: { field: Field | undefined; path: string; missing: boolean },
) {
  const object = objectField(reading, field);
  if (!object) {
    if (!field && missing)
      report(reading, path, `there is no ${side}; expected ${path}.${side} with plugin and parameter`);
    return { type: "", name: "", parameter: {}, path };
  }
  const { plugin, parameter } = membersOf(reading, object, ["plugin", "parameter"]);
  return readStep(reading, side, { path: object.path, typeKey: "plugin", type: plugin, parameter });
}
