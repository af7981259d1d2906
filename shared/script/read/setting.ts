import { patternFault } from "../../model/date-pattern.js";
import type { ExactlyOnce, JobSetting } from "../../model/job.js";
import { isJsonObject, type Json } from "../../model/json.js";
import { joinPath } from "../text/field-path.js";
import { showValue } from "../text/show-value.js";
import { booleanField, integerField, wordField } from "./coerce.js";
import { readErrorLimit } from "./error-limit.js";
import {
  carry,
  isPending,
  membersOf,
  objectField,
  type Reading,
  report,
  type ScriptField,
  textField,
  warn,
} from "./reading.js";
import { type ChannelLimits, readSpeed } from "./speed.js";
import { timeZoneName } from "./time-zone.js";

const KEYS = [
  "errorLimit",
  "speed",
  "exactlyOnce",
  "common",
  "column",
  "dryRun",
  "executeMode",
  "failoverEnable",
  "jvmOption",
  "jvmMemory",
] as const;
const CARRIED = ["executeMode", "failoverEnable", "jvmOption", "jvmMemory"] as const;
const COLUMN_KEYS = ["timeZone", "datetimeFormat", "timeFormat", "dateFormat", "extraFormats", "encoding"] as const;

/** What decides about settings besides the setting itself. */
export interface SettingRules {
  readonly format: "dataworks-2.0" | "dataworks-1.0" | "datax";
  /** Path of `setting`, for what is missing. */
  readonly path: string;
  /** DataX's top-level `core` and `common`. */
  readonly core?: ScriptField | undefined;
  readonly common?: ScriptField | undefined;
}

/** Reads `setting` in any spelling and fills in defaults. */
export function readSetting(reading: Reading, field: ScriptField | undefined, rules: SettingRules): JobSetting {
  const object = objectField(reading, field);
  const members = object ? membersOf(reading, object, KEYS) : {};
  for (const key of CARRIED) carry(reading, `setting.${key}`, members[key]);
  refuseDryRun(reading, members.dryRun);
  const { format, path } = rules;
  const channelLimits = readChannelLimits(reading, rules.core);
  const speed = readSpeed(reading, members.speed, { format, channelLimits, settingPath: path });
  return {
    errorLimit: readErrorLimit(reading, members.errorLimit, object ? path : parentOf(path)),
    concurrent: speed.concurrent,
    throttle: speed.throttle,
    exactlyOnce: readExactlyOnce(reading, members.exactlyOnce),
    timeZone: readTimeZone(reading, [members.common, rules.common], members.column),
  };
}

function parentOf(path: string): string {
  return path.includes(".") ? path.slice(0, path.lastIndexOf(".")) : "";
}

/** A dry run moves nothing; ignoring the wish would. */
function refuseDryRun(reading: Reading, dryRun: ScriptField | undefined): void {
  if (!dryRun || booleanField(reading, dryRun, "setting.dryRun") !== true) return;
  const message = "dryRun is true, so this job is only to be checked; use plan, which moves nothing, or remove dryRun";
  if (reading.lenient) warn(reading, dryRun.path, { message });
  else report(reading, dryRun.path, { message });
  carry(reading, "setting.dryRun", { ...dryRun, value: true });
}

function readExactlyOnce(reading: Reading, field: ScriptField | undefined): ExactlyOnce {
  const word = wordField(reading, field, { canonicalPath: "setting.exactlyOnce", words: ["auto", "true", "false"] });
  return word === null || word === "auto" ? "auto" : word === "true";
}

/** `core.transport.channel.speed`: the limits of one channel. Everything else in `core` is for a JVM. */
function readChannelLimits(reading: Reading, core: ScriptField | undefined): ChannelLimits {
  const speed = ["transport", "channel", "speed"].reduce<ScriptField | undefined>((at, key) => childOf(at, key), core);
  const limit = (key: "byte" | "record") => {
    const value = integerField(reading, childOf(speed, key), {
      canonicalPath: null,
      min: Number.MIN_SAFE_INTEGER,
      expected: "an integer, the limit of one channel per second",
    });
    return value !== null && value > 0 ? value : null;
  };
  return { byte: limit("byte"), record: limit("record") };
}

function childOf(field: ScriptField | undefined, key: string): ScriptField | undefined {
  const value = isJsonObject(field?.value) ? field.value[key] : undefined;
  return !field || value === undefined || value === null ? undefined : { value, path: joinPath(field.path, key) };
}

/** Conversion options stand in `common.column`, in old scripts in `column`; only the time zone has an effect here. */
function readTimeZone(
  reading: Reading,
  commons: readonly (ScriptField | undefined)[],
  oldColumn: ScriptField | undefined,
): string | null {
  let timeZone: string | null = null;
  const columns = commons.map((common) => {
    const object = objectField(reading, common);
    return object && membersOf(reading, object, ["column"]).column;
  });
  for (const column of [...columns, oldColumn]) {
    const object = objectField(reading, column);
    if (!object) continue;
    const members = membersOf(reading, object, COLUMN_KEYS);
    timeZone ??= zoneOf(reading, members.timeZone);
    for (const key of COLUMN_KEYS.slice(1)) {
      const option = members[key];
      if (!option) continue;
      if (key.endsWith("ormat") || key === "extraFormats") refusePatterns(reading, option);
      warn(reading, option.path, {
        message: `${key} has no effect for the whole job; set formats and encodings at the reader or writer`,
      });
      carry(reading, `setting.common.column.${key}`, option);
    }
  }
  return timeZone;
}

/** A pattern that nobody can use is a mistake wherever it stands. */
function refusePatterns(reading: Reading, { value, path }: ScriptField): void {
  const list = Array.isArray(value)
    ? value.map((one: Json, at) => [one, joinPath(path, at)] as const)
    : [[value, path] as const];
  for (const [pattern, at] of list) {
    const fault =
      typeof pattern === "string" && !isPending(reading, { value: pattern, path: at }, null) && patternFault(pattern);
    if (fault) report(reading, at, { message: `the pattern ${fault}; seen ${showValue(pattern, at)}` });
  }
}

function zoneOf(reading: Reading, field: ScriptField | undefined): string | null {
  if (!field || isPending(reading, field, "setting.common.column.timeZone")) return null;
  const expected = "an IANA time zone, such as Asia/Shanghai";
  const text = textField(reading, field, expected);
  const zone = text === undefined ? undefined : timeZoneName(text);
  if (text !== undefined && zone === undefined) {
    report(reading, field.path, { message: `expected ${expected}; seen ${showValue(text, field.path)}` });
  }
  return zone ?? null;
}
