import { UserError } from "../../model/errors.js";
import type { Job, Warning } from "../../model/job.js";
import type { Json } from "../../model/json.js";
import type { ScriptIssue } from "../text/script-error.js";
import type { Locate } from "../text/script-tree.js";
import type { EventUse } from "./event-values.js";
import { examineScript, type ParseOptions, type ReadScript, readScript } from "./read-script.js";
import { missingMessage } from "./substitute.js";

/** A script that was read. */
export interface ParsedScript {
  readonly job: Job;
  /** What is odd but harmless, in the order of the text. */
  readonly warnings: readonly Warning[];
  /** Where a field of the script stands, for errors found later. */
  readonly locate: Locate;
  /** Values of placeholders may still come: a text that holds one may stand where anything else must. */
  readonly isPreview: boolean;
  /** Where values that come with events stand; see `checkEventUses`. */
  readonly eventUses: readonly EventUse[];
  /** The whole script as JSON, before any value was put in. */
  readonly written: Json;
}

/**
 * Reads a job script: DataWorks 2.0, DataWorks 1.0 or DataX, told apart by their keys.
 *
 * @throws ScriptError with every problem found, when the script cannot be a job
 * @throws UserError PARAMETER_MISSING in mode `run`, naming all placeholders without a value
 * @throws UserError CONFIG_INVALID when a parameter's value holds a control character
 */
export function parseJob(text: string, options: ParseOptions = {}): ParsedScript {
  const script = readScript(text, options);
  const isPreview = (options.mode ?? "run") !== "run";
  if (!isPreview) refuseMissing(script, options);
  const { job, warnings, locate, eventUses, written } = script;
  return { job, warnings, locate, isPreview, eventUses, written };
}

/** A script that was read as far as it goes; with issues, parts of the job are empty. */
export interface Examined extends Omit<ParsedScript, "job"> {
  readonly job: Job | undefined;
  readonly issues: readonly ScriptIssue[];
}

/**
 * Reads a job script as far as it goes, so that more can be told about it than what is wrong with it first.
 *
 * @throws ScriptError when the text is not JSON; UserError as `parseJob`, but none for what is missing
 */
export function examineJob(text: string, options: ParseOptions = {}): Examined {
  const { job, warnings, locate, issues, eventUses, written } = examineScript(text, options);
  return { job, warnings, locate, issues, eventUses, written, isPreview: (options.mode ?? "run") !== "run" };
}

function refuseMissing({ missing, locate }: ReadScript, { parameters = {} }: ParseOptions): void {
  const [first] = missing;
  if (!first) return;
  const placed = missing.map((finding) => {
    const place = locate(finding.path);
    return { ...finding, place: place ? ` (line ${place.line}, column ${place.column})` : "" };
  });
  throw new UserError("PARAMETER_MISSING", missingMessage(placed, Object.keys(parameters)), {
    path: first.path,
    place: locate(first.path),
  });
}
