import { counted } from "../model/counted.js";
import type { Job, Warning } from "../model/job.js";
import type { JsonObject } from "../model/json.js";
import { type Examined, examineJob, type ParsedScript } from "../script/read/parse-job.js";
import { inOrder } from "../script/read/read-script.js";
import { ScriptError, type ScriptIssue } from "../script/text/script-error.js";
import { takeInline } from "./inline-sources.js";
import { leftSecrets } from "./left-secrets.js";
import { type CheckedStep, checkStepParameters } from "./resolve-job.js";
import { stepConnector, typePathOf } from "./step-connector.js";

/**
 * Reads a script and checks both sides against their connectors, the connections it carries included, without touching
 * any data source. What is wrong in one place hides nothing that is wrong in another.
 *
 * @param parameters  values for placeholders, as far as they are known
 * @param options  whether lists of columns that differ in length are a problem
 * @returns the script, with what is odd in it: in the text, then in the reader, then in the writer
 * @throws ScriptError with every problem, in the order of the text; UserError as `parseJob`
 */
export async function checkScript(
  text: string,
  parameters: Readonly<Record<string, string>> = {},
  options: CheckOptions = { comparesWidths: true },
): Promise<ParsedScript> {
  const examined = examineJob(text, { parameters, mode: "preview" });
  const { job, issues } = examined;
  const sides = job ? await checkSides({ ...examined, job }, options) : { issues: [], warnings: [] };
  const [first, ...rest] = once(inOrder([...issues, ...sides.issues]));
  if (first) throw new ScriptError(first, ...rest);
  if (!job) throw new ScriptError({ message: "not a data-integration job", line: 1, column: 1 });
  return { ...examined, job, warnings: [...examined.warnings, ...sides.warnings] };
}

/** What is checked. */
interface CheckOptions {
  readonly comparesWidths: boolean;
}

/** What was found in both sides of a job. */
interface Found {
  readonly issues: readonly ScriptIssue[];
  readonly warnings: readonly Warning[];
}

/** @property left  what is in the parameter once the connection was taken out; nothing where it could not be */
interface CheckedSide extends Found {
  readonly step?: CheckedStep;
  readonly left: JsonObject;
}

type ExaminedJob = Examined & { readonly job: Job };

async function checkSides(examined: ExaminedJob, { comparesWidths }: CheckOptions): Promise<Found> {
  const reader = await checkSide("reader", examined);
  const writer = await checkSide("writer", examined);
  const widths = comparesWidths && reader.step && writer.step ? widthIssues(reader.step, writer.step, examined) : [];
  const secrets = leftSecrets(examined, { reader: reader.left, writer: writer.left });
  return {
    issues: [...reader.issues, ...writer.issues, ...widths, ...secrets],
    warnings: [...reader.warnings, ...writer.warnings],
  };
}

async function checkSide(kind: "reader" | "writer", examined: ExaminedJob): Promise<CheckedSide> {
  const step = examined.job[kind];
  const known = new Set(examined.issues.map(({ path }) => path));
  const own = step.path.replace(/\.parameter$/, "");
  // A side that is not there, or not whole, was told of already.
  if (step.type === "" || [step.path, own, typePathOf(step, examined.job.format)].some((path) => known.has(path)))
    return { issues: [], warnings: [], left: {} };
  const issues: ScriptIssue[] = [];
  const collect = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      issues.push(...error.issues);
      return undefined;
    }
  };
  const connector = await collect(() => stepConnector(kind, examined));
  if (!connector) return { issues, warnings: [], left: {} };
  const taken = await collect(() => takeInline(connector, step, examined.locate));
  const checked = await checkStepParameters(kind, taken?.step ?? step, examined);
  const warnings = [...(taken?.warnings ?? []), ...checked.warnings];
  // A connection that cannot be taken out is told as that: its password would follow from it.
  const left = taken?.step.parameter ?? {};
  return { issues: [...issues, ...checked.issues], warnings, step: checked, left };
}

/** Columns are matched by position: where both sides list them, the lists are of one length. */
function widthIssues(reader: CheckedStep, writer: CheckedStep, { locate }: Examined): ScriptIssue[] {
  const gives = widthOf(reader.connector.reader, reader);
  const takes = widthOf(writer.connector.writer, writer);
  if (gives === null || takes === null || gives === takes) return [];
  if (gives < takes && writer.connector.writer?.takesFewer) return [];
  const path = `${writer.step.path}.column`;
  const message = `the reader gives ${counted(gives, "column")}, the writer takes ${takes}; columns are matched by position`;
  return [{ message, path, ...locate(path) }];
}

function widthOf(side: { width?(params: unknown): number | null } | undefined, { params }: CheckedStep): number | null {
  return params === undefined ? null : (side?.width?.(params) ?? null);
}

function once(issues: readonly ScriptIssue[]): ScriptIssue[] {
  return [...new Map(issues.map((issue) => [`${issue.path}\n${issue.message}`, issue])).values()];
}
