import type { Job, Step } from "../../model/job.js";
import { fixedWordField } from "../read/coerce.js";
import { checkHops, type NamedStep } from "../read/hops.js";
import {
  carry,
  listField,
  membersOf,
  objectField,
  type Reading,
  report,
  type ScriptField,
  textField,
  warn,
} from "../read/reading.js";
import { readSetting } from "../read/setting.js";
import { asksForNothing, defaultName, readStep, type SideName } from "../read/step.js";
import { checkHeader } from "./script-header.js";

const CATEGORIES = ["reader", "writer", "processor"] as const;
const CARRIED = ["extend", "transform", "traceId", "core", "preHandler", "postHandler"] as const;
/** Top-level keys of this spelling. */
export const DATAWORKS2_KEYS = ["type", "version", "steps", "order", "setting", ...CARRIED] as const;

interface CategorizedStep extends NamedStep {
  readonly field: ScriptField;
  readonly type: ScriptField | undefined;
  readonly parameter: ScriptField | undefined;
}

/** Reads a DataWorks 2.0 script: steps by category, joined by hops. */
export function readDataworks2(reading: Reading, root: ScriptField): Job {
  const members = membersOf(reading, root, DATAWORKS2_KEYS);
  checkHeader(reading, members);
  for (const key of CARRIED) carry(reading, key, members[key]);
  const items = members.steps ? (listField(reading, members.steps, "steps, one reader and one writer") ?? []) : [];
  const steps = items.map((item) => categorize(reading, item)).filter((step) => step !== undefined);
  const stepsPath = members.steps?.path ?? root.path;
  const complete = steps.length === items.length && Array.isArray(members.steps?.value);
  const reader = theOnly(reading, steps, { side: "reader", stepsPath, complete });
  const writer = theOnly(reading, steps, { side: "writer", stepsPath, complete });
  refuseProcessors(reading, steps);
  checkHops(reading, members.order, complete ? steps : undefined);
  const setting = readSetting(reading, members.setting, { format: "dataworks-2.0", path: "setting" });
  return { reader, writer, setting, format: "dataworks-2.0", carried: reading.carried };
}

function categorize(reading: Reading, item: ScriptField): CategorizedStep | undefined {
  const object = objectField(reading, item);
  if (!object) return undefined;
  const { stepType, category, name, parameter } = membersOf(reading, object, [
    "stepType",
    "category",
    "name",
    "parameter",
  ]);
  if (!category)
    report(reading, item.path, { message: "the step has no category; expected reader, writer or processor" });
  const text = category && textField(reading, category, "reader, writer or processor");
  if (!category || text === undefined) return undefined;
  const word = fixedWordField(reading, { value: text, path: category.path }, CATEGORIES);
  if (word === null) return undefined;
  const given = name && textField(reading, name, "the step's name");
  const fallback = word === "processor" ? "Processor" : defaultName(word);
  return { category: word, name: given ?? fallback, path: item.path, field: item, type: stepType, parameter };
}

/** The one step of a side; none, or a second one, is an issue. */
function theOnly(
  reading: Reading,
  steps: readonly CategorizedStep[],
  { side, stepsPath, complete }: { side: SideName; stepsPath: string; complete: boolean },
): Step {
  const [first, second] = steps.filter(({ category }) => category === side);
  if (second && first) {
    report(reading, second.path, {
      message: `a second ${side}; expected one reader and one writer, and ${first.path} is a ${side} already`,
    });
  }
  if (first) {
    const { path, type, parameter, name } = first;
    return readStep(reading, side, { path, typeKey: "stepType", type, parameter, name });
  }
  if (complete)
    report(reading, stepsPath, { message: `there is no ${side}; expected one step with "category": "${side}"` });
  return { type: "", name: defaultName(side), parameter: {}, path: stepsPath };
}

function refuseProcessors(reading: Reading, steps: readonly CategorizedStep[]): void {
  for (const { category, path, parameter, name } of steps) {
    if (category !== "processor") continue;
    if (asksForNothing(parameter?.value)) warn(reading, path, { message: `the empty processor "${name}" is left out` });
    else
      report(reading, path, {
        message: `the processor "${name}" is not supported; transform in the reader's query or in the target, and remove it`,
      });
  }
}
