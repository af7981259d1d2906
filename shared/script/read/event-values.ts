import type { Warning } from "../../model/job.js";
import type { ScriptIssue } from "../text/script-error.js";
import { foldKey, type Locate } from "../text/script-tree.js";

/** A placeholder whose value comes with an event: whoever uploads an object chooses it. */
export interface EventUse {
  readonly name: string;
  readonly path: string;
  /** Absent when the script is only looked at. */
  readonly value: string | undefined;
  /** Whether it stands in quotes, would the field be SQL. */
  readonly isInLiteral: boolean;
}

/** Names that an event gives values to, those of `fireUpload` among them. */
const EVENT_NAME = /^oss\./;

/** Whether the value of a parameter is chosen by whoever causes the event. */
export function isEventName(name: string): boolean {
  return EVENT_NAME.test(name);
}

/** What is wrong and what is to be known about event values in a step's SQL. */
export interface EventFindings {
  readonly issues: readonly ScriptIssue[];
  readonly warnings: readonly Warning[];
}

/**
 * Checks event values that stand in SQL: only as quoted texts, and only with values that cannot end one.
 *
 * @param sqlKeys  keys of the step's parameter whose text becomes SQL
 */
export function checkEventUses(
  uses: readonly EventUse[],
  { path, sqlKeys, locate }: { path: string; sqlKeys: readonly string[]; locate: Locate },
): EventFindings {
  const wanted = new Set(sqlKeys.map(foldKey));
  const isSql = (use: EventUse) =>
    use.path.startsWith(`${path}.`) &&
    use.path
      .slice(path.length + 1)
      .split(/[.[\]]+/)
      .some((key) => wanted.has(foldKey(key)));
  const issues: ScriptIssue[] = [];
  const warnings: Warning[] = [];
  for (const use of uses.filter(isSql)) {
    const place = { path: use.path, ...locate(use.path) };
    const refusal = refusalOf(use);
    if (refusal !== null) issues.push({ message: refusal, ...place });
    else if (use.value === undefined) {
      const message = `whoever uploads chooses the value of \${${use.name}}: a run whose value holds a quotation mark or a backslash does not start`;
      warnings.push({ message, ...place });
    }
  }
  return { issues, warnings };
}

function refusalOf({ name, value, isInLiteral }: EventUse): string | null {
  if (!isInLiteral)
    return `\${${name}} would become SQL here, and whoever uploads chooses its value: it may stand in quotes only, as '\${${name}}', with no comment around and no backslash before it`;
  const sign = /["'`\\]/.exec(value ?? "");
  if (sign === null) return null;
  return `the value of \${${name}} holds ${sign[0]} at position ${sign.index + 1}, which may end a text in SQL, and whoever uploads chooses it: the run does not start; rename the object, or keep \${${name}} out of SQL`;
}
