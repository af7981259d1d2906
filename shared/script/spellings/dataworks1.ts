import type { Job, Step } from "../../model/job.js";
import { withColumnList } from "../read/column-list.js";
import { carry, membersOf, objectField, type Reading, report, type ScriptField } from "../read/reading.js";
import { readSetting } from "../read/setting.js";
import { readStep, type SideName } from "../read/step.js";
import { checkHeader } from "./script-header.js";

const CARRIED = ["extend", "transform", "traceId"] as const;
/** Top-level keys of this spelling. */
export const DATAWORKS1_KEYS = ["type", "version", "configuration", ...CARRIED] as const;

/** Reads a DataWorks 1.0 script: everything inside `configuration`; undefined, after an issue, without one. */
export function readDataworks1(reading: Reading, root: ScriptField): Job | undefined {
  const members = membersOf(reading, root, DATAWORKS1_KEYS);
  checkHeader(reading, members);
  for (const key of CARRIED) carry(reading, key, members[key]);
  const configuration = objectField(reading, members.configuration);
  if (!configuration) return undefined;
  const { path } = configuration;
  const parts = membersOf(reading, configuration, ["reader", "writer", "setting"]);
  const side = (name: SideName) => readSide(reading, name, { field: parts[name], path });
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
  { field, path }: { field: ScriptField | undefined; path: string },
): Step {
  const object = objectField(reading, field);
  if (!object) {
    if (!field)
      report(reading, path, { message: `there is no ${side}; expected ${path}.${side} with plugin and parameter` });
    return { type: "", name: "", parameter: {}, path };
  }
  const { plugin, parameter } = membersOf(reading, object, ["plugin", "parameter"]);
  const step = readStep(reading, side, { path: object.path, typeKey: "plugin", type: plugin, parameter });
  return { ...step, parameter: withColumnList(step.parameter) };
}
