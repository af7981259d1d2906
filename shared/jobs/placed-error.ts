import { InternalError, SluiceError, TransientError, UserError } from "../model/errors.js";
import type { Job, ParameterAdvice, Step, Warning } from "../model/job.js";
import { isJsonObject } from "../model/json.js";
import type { RunRecord } from "../model/run.js";
import { type ParsedScript, parseJob } from "../script/read/parse-job.js";
import { joinPath, splitPath } from "../script/text/field-path.js";
import { foldKey } from "../script/text/script-tree.js";

/** What is needed to tell where a field of a job stands. */
export interface Placed extends Pick<ParsedScript, "job" | "locate"> {
  /** Of the connectors: all keys that the parameters may have. */
  readonly keys: Readonly<Record<"reader" | "writer", readonly string[]>>;
}

/** Where the three spellings keep the settings. */
const settingPaths = {
  "dataworks-2.0": "setting",
  "dataworks-1.0": "configuration.setting",
  datax: "job.setting",
} as const satisfies Record<Job["format"], string>;

const kinds = { fix: UserError, retry: TransientError, report: InternalError } as const;

/**
 * An error of one side of a job, as its user can find it: connectors know a field by its path inside the parameter, the
 * user by its path and place in the script. Errors about anything else stay as they are.
 */
export function placedError(error: unknown, kind: "reader" | "writer", placed: Placed): unknown {
  if (!(error instanceof SluiceError) || error.path === undefined || error.place) return error;
  const path = pathInScript(error.path, kind, placed);
  if (path === undefined) return error;
  // Its own beginning says where, which the path says better.
  const prefix = `${error.path}: `;
  const bare = (text: string) => (text.startsWith(prefix) ? text.slice(prefix.length) : text);
  const message = bare(error.message);
  const withoutData = error.withoutData === undefined ? undefined : bare(error.withoutData);
  const details = { path, hint: error.hint, place: placed.locate(path), cause: error, withoutData };
  return new kinds[error.recovery](error.code, message, details);
}

/** Does work of one side; see {@link placedError}. */
export async function atSide<T>(kind: "reader" | "writer", placed: Placed, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw placedError(error, kind, placed);
  }
}

/** A warning of one side, with the path and the place that its field has in the script. */
export function placedWarning(warning: string | ParameterAdvice, kind: "reader" | "writer", placed: Placed): Warning {
  if (typeof warning === "string") return { message: warning };
  const path = pathInScript(warning.path, kind, placed);
  return path === undefined ? { message: warning.message } : { message: warning.message, path, ...placed.locate(path) };
}

/** A run's script, read again to tell where something in it stands; undefined when it cannot be read. */
export function placedScript(
  { script, parameters, inlineSources }: Pick<RunRecord, "script" | "parameters" | "inlineSources">,
  keys: Placed["keys"],
): Placed | undefined {
  try {
    return { ...parseJob(script, { parameters, mode: "preview", origins: inlineSources.origins }), keys };
  } catch {
    return undefined;
  }
}

/** The whole path of a field that a connector knows by its path inside the parameter; undefined for what is no part of a job. */
function pathInScript(path: string, kind: "reader" | "writer", { job, keys }: Placed): string | undefined {
  const step = job[kind];
  if (path === step.path || path.startsWith(`${step.path}.`) || path.startsWith(`${step.path}[`)) return path;
  const [first, ...rest] = splitPath(path) ?? [];
  if (typeof first !== "string") return undefined;
  if (first === "setting") return rest.reduce<string>(joinPath, settingPaths[job.format]);
  if (!keys[kind].includes(first)) return undefined;
  const at = isMember(step.parameter, first) ? step.path : connectionWith(step, first);
  return [first, ...rest].reduce<string>(joinPath, at);
}

/** Tables and statements may stand in a connection; what stands nowhere is missed in the parameter itself. */
function connectionWith({ parameter, path }: Step, key: string): string {
  const { connection } = parameter;
  if (isMember(connection, key)) return joinPath(path, "connection");
  const index = Array.isArray(connection) ? connection.findIndex((one) => isMember(one, key)) : -1;
  return index < 0 ? path : joinPath(joinPath(path, "connection"), index);
}

function isMember(object: unknown, key: string): boolean {
  return isJsonObject(object) && Object.keys(object).some((name) => foldKey(name) === foldKey(key));
}
