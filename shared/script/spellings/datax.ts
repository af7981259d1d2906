import type { Job, Step } from "../../model/job.js";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import {
  carry,
  listField,
  membersOf,
  objectField,
  type Reading,
  report,
  type ScriptField,
  warn,
} from "../read/reading.js";
import { readSetting } from "../read/setting.js";
import { readStep, type SideName } from "../read/step.js";
import { withDataxDefaults } from "./datax-defaults.js";
import { checkHeader } from "./script-header.js";

const HANDLERS = ["preHandler", "postHandler"] as const;
/** Top-level keys of this spelling. */
export const DATAX_KEYS = ["job", "core", "common", "type", "version", "extend", "traceId"] as const;

/** Reads a DataX or Addax script: `job.content[0]`, in Addax `job.content`, `job.setting`, and the limits per channel in `core`; undefined, after an issue, without a `job`. */
export function readDatax(reading: Reading, root: ScriptField): Job | undefined {
  const members = membersOf(reading, root, DATAX_KEYS);
  checkHeader(reading, members);
  for (const key of ["core", "extend", "traceId"] as const) carry(reading, key, members[key]);
  if (hasBareName(members.job?.value)) markBareNames(reading);
  const job = objectField(reading, members.job);
  if (!job) return undefined;
  const parts = membersOf(reading, job, ["content", "setting", ...HANDLERS]);
  for (const key of HANDLERS) {
    const handler = parts[key];
    if (handler) warn(reading, handler.path, { message: `${key} names a DataX plug-in, which does not run here` });
    carry(reading, key, handler);
  }
  const { reader, writer } = readContent(reading, parts.content);
  const { core, common } = members;
  const setting = readSetting(reading, parts.setting, { format: "datax", path: "job.setting", core, common });
  return { reader, writer, setting, format: "datax", carried: reading.carried };
}

/** Only DataX reads `$name`; printed as 2.0 the script must say that it came from there, or such names stay text. */
function markBareNames(reading: Reading): void {
  const { extend } = reading.carried;
  reading.carried.extend = { ...(isJsonObject(extend) ? extend : {}), formatType: "datax" };
}

function hasBareName(value: Json | undefined): boolean {
  if (typeof value === "string") return /(?<!\$)\$[A-Za-z_]/.test(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value as JsonObject | readonly Json[]).some((member) => hasBareName(member));
}

function readContent(reading: Reading, field: ScriptField | undefined): { reader: Step; writer: Step } {
  // Addax has one object here in place of a list.
  const items =
    field && (isJsonObject(field.value) ? [field] : listField(reading, field, "contents, each with reader and writer"));
  const [first, ...ignored] = items ?? [];
  if (!field)
    report(reading, "job", { message: "there is no content; expected job.content with one reader and writer" });
  else if (items && !first)
    report(reading, "job.content", { message: "content is empty; expected one object with reader and writer" });
  for (const item of ignored) {
    warn(reading, item.path, {
      message: `${item.path} (${sidesOf(item)}) is NOT run: only the first element of content is, as in DataX; make it a job of its own`,
    });
  }
  const object = objectField(reading, first);
  const parts = object ? membersOf(reading, object, ["reader", "writer", "transformer"]) : {};
  refuseTransformers(reading, parts.transformer);
  const path = first?.path ?? "job.content";
  const side = (name: SideName) => readSide(reading, name, { field: parts[name], path, missing: object !== undefined });
  return { reader: side("reader"), writer: side("writer") };
}

function sidesOf({ value }: ScriptField): string {
  const nameOf = (side: SideName) => {
    const part = isJsonObject(value) ? value[side] : undefined;
    const name = isJsonObject(part) ? part.name : undefined;
    return typeof name === "string" ? name : "?";
  };
  return `${nameOf("reader")} to ${nameOf("writer")}`;
}

function refuseTransformers(reading: Reading, field: ScriptField | undefined): void {
  const items = field && listField(reading, field, "transformers");
  if (!field || !items || items.length === 0) return;
  const names = items.map(({ value }) => (isJsonObject(value) && typeof value.name === "string" ? value.name : "?"));
  report(reading, field.path, {
    message: `transformers are not supported (${names.join(", ")}); transform in the reader's query or in the target, and remove them`,
  });
}

function readSide(
  reading: Reading,
  side: SideName,
  { field, path, missing }: { field: ScriptField | undefined; path: string; missing: boolean },
): Step {
  const object = objectField(reading, field);
  if (!object) {
    if (!field && missing)
      report(reading, path, { message: `there is no ${side}; expected ${path}.${side} with name and parameter` });
    return { type: "", name: "", parameter: {}, path };
  }
  const { name, parameter } = membersOf(reading, object, ["name", "parameter"]);
  const step = readStep(reading, side, { path: object.path, typeKey: "name", type: name, parameter });
  return withDataxDefaults(reading, side, step);
}
