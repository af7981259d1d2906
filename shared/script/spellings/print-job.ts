import type { ErrorLimit, Job, Step } from "../../model/job.js";
import { isJsonObject, type Json } from "../../model/json.js";
import { MEGABYTE } from "../read/speed.js";
import { splitPath } from "../text/field-path.js";

type Writable = { [key: string]: Json | undefined };

/**
 * Prints a job as a DataWorks 2.0 script: two spaces, keys in a fixed order, carried values in their places. Reading the
 * text in mode `preview` gives an equal job, except for `format` and the steps' `path`.
 */
export function printJob(job: Job): string {
  const script: Writable = {
    type: "job",
    version: "2.0",
    steps: [printStep(job.reader, "reader"), printStep(job.writer, "writer")],
    order: { hops: [{ from: job.reader.name, to: job.writer.name }] },
    setting: printSetting(job),
  };
  for (const path of Object.keys(job.carried).sort()) {
    const value = job.carried[path];
    if (value !== undefined) place(script, path, value);
  }
  return `${JSON.stringify(script, null, 2)}\n`;
}

function printStep(step: Step, category: "reader" | "writer"): Json {
  return { stepType: step.type, parameter: step.parameter, name: step.name, category };
}

function printSetting({ setting, carried }: Job): Json {
  const { exactlyOnce, timeZone } = setting;
  return {
    errorLimit: printErrorLimit(setting.errorLimit, carried),
    speed: printSpeed({ setting, carried }),
    ...(exactlyOnce === "auto" ? {} : { exactlyOnce }),
    ...(timeZone === null ? {} : { common: { column: { timeZone } } }),
  };
}

function printErrorLimit({ record, percentage }: ErrorLimit, carried: Job["carried"]): Json {
  const waits = Object.keys(carried).some((path) => path.startsWith("setting.errorLimit."));
  // Without any limit the script says so, because an absent errorLimit looks like an oversight.
  if (record === null && percentage === null) return waits ? {} : { strategy: "Ignore" };
  return { ...(record === null ? {} : { record }), ...(percentage === null ? {} : { percentage }) };
}

function printSpeed({ setting, carried }: Pick<Job, "setting" | "carried">): Json {
  const { bytesPerSecond, recordsPerSecond } = setting.throttle;
  return {
    concurrent: setting.concurrent,
    ...(bytesPerSecond === null ? {} : printByteLimit(bytesPerSecond, carried)),
    ...(recordsPerSecond === null ? {} : { recordsPerSecond }),
  };
}

/** Whole megabytes as `mbps`, unless that key or `throttle` is taken by a carried value; else DataX's `byte`. */
function printByteLimit(bytesPerSecond: number, carried: Job["carried"]): { [key: string]: Json } {
  const isTaken = "setting.speed.mbps" in carried || "setting.speed.throttle" in carried;
  if (bytesPerSecond % MEGABYTE !== 0 || isTaken) return { byte: bytesPerSecond };
  return { throttle: true, mbps: bytesPerSecond / MEGABYTE };
}

function place(script: Writable, path: string, value: Json): void {
  const keys = splitPath(path) ?? [path];
  let at = script;
  for (const key of keys.slice(0, -1)) {
    const inner = at[key];
    const copy: Writable = isJsonObject(inner) ? { ...inner } : {};
    at[key] = copy;
    at = copy;
  }
  at[keys.at(-1) ?? path] = value;
}
