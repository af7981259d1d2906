import type { ErrorLimit } from "../../model/job.js";
import { integerField, isBlank, shareField, wordField } from "./coerce.js";
import { membersOf, objectField, type Reading, report, type ScriptField, warn } from "./reading.js";

const PATH = "setting.errorLimit";
const STRATEGIES = ["Ignore", "Tolerance", "ZeroTolerance"] as const;

/**
 * Reads `errorLimit`. Without any limit the job takes any number of dirty records, as imported jobs always have, and
 * a warning says so; a blank `record` and the strategy `Ignore` mean the same on purpose.
 *
 * @param settingPath  where the warning belongs when there is no `errorLimit` at all
 */
export function readErrorLimit(reading: Reading, field: ScriptField | undefined, settingPath: string): ErrorLimit {
  const object = objectField(reading, field, '{ "record": 10 }');
  const { record, percentage, strategy } = object
    ? membersOf(reading, object, ["record", "percentage", "strategy"])
    : {};
  if (!record && !percentage && !strategy && (!field || object)) {
    const message = "no errorLimit: any number of dirty records is tolerated; set errorLimit.record, 0 for none";
    warn(reading, field?.path ?? settingPath, { message });
  }
  const limit = {
    record: integerField(reading, record, {
      canonicalPath: `${PATH}.record`,
      min: 0,
      expected: "an integer of 0 or more, the dirty records allowed (a share of them is errorLimit.percentage)",
    }),
    percentage: shareField(reading, percentage, {
      canonicalPath: `${PATH}.percentage`,
      expected: "a number from 0 to 1, the share of dirty records allowed, such as 0.1 for 10 %",
    }),
  };
  const word = wordField(reading, strategy, { canonicalPath: `${PATH}.strategy`, words: STRATEGIES });
  return word === null ? limit : byStrategy(reading, word, { limit, record, path: strategy?.path ?? PATH });
}

function byStrategy(
  reading: Reading,
  strategy: (typeof STRATEGIES)[number],
  { limit, record, path }: { limit: ErrorLimit; record: ScriptField | undefined; path: string },
): ErrorLimit {
  const contradicts = record !== undefined && !isBlank(record.value) && strategy !== "Tolerance";
  if (contradicts && !(strategy === "ZeroTolerance" && limit.record === 0)) {
    const outcome = strategy === "Ignore" ? "any number of dirty records is tolerated" : "no dirty record is tolerated";
    warn(reading, record.path, { message: `record is ignored, because strategy is ${strategy}: ${outcome}` });
  }
  if (strategy === "Ignore") return { record: null, percentage: null };
  if (strategy === "ZeroTolerance") return { record: 0, percentage: null };
  const pending = `${PATH}.record` in reading.carried;
  if (!pending && (limit.record ?? 0) < 1 && !isReported(reading, record)) {
    report(reading, record?.path ?? path, { message: "strategy is Tolerance, so record must be a positive integer" });
  }
  return limit;
}

function isReported(reading: Reading, field: ScriptField | undefined): boolean {
  return field !== undefined && reading.issues.some(({ path }) => path === field.path);
}
