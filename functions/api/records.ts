import { demandRole } from "../../shared/identity/identify.js";
import { hiddenSplit } from "../../shared/jobs/lay-out.js";
import { reportFor } from "../../shared/model/errors.js";
import { type Caller, includesRole, type Role } from "../../shared/model/identity.js";
import type { Run } from "../../shared/model/run.js";
import type { SplitView } from "../../shared/model/split.js";
import type { SourceEnvironment, Workspace } from "../../shared/model/workspace.js";

/** Who may see records of an environment: those who may start runs there. */
const roleFor = { development: "developer", production: "operator" } as const satisfies Record<SourceEnvironment, Role>;

/** True when somebody may see records of an environment, dirty ones and those that error texts quote. */
export function mayReadRecords({ role }: Pick<Caller, "role">, environment: SourceEnvironment): boolean {
  return includesRole(role, roleFor[environment]);
}

/** @throws UserError FORBIDDEN when somebody may not see records of an environment */
export function demandRecords(caller: Caller, environment: SourceEnvironment): void {
  demandRole(caller, roleFor[environment], `seeing records of ${environment}`);
}

/**
 * Where a workspace has both environments, production is looked into by those who may run there. Where it has production only,
 * developers write jobs for it, and see what tables and columns there are, never records.
 *
 * @throws UserError FORBIDDEN
 */
export function demandLook(caller: Caller, home: Pick<Workspace, "mode">, environment: SourceEnvironment): void {
  if (home.mode === "standard") demandRole(caller, roleFor[environment], `looking into data sources of ${environment}`);
}

/** A run as somebody may see it: without what its error may quote, where records are not theirs to see. */
export function runFor(caller: Caller, run: Run): Run {
  return { ...run, error: run.error && reportFor(run.error, { mayRead: mayReadRecords(caller, run.environment) }) };
}

/** A split of a run as somebody may see it: where it begins and ends are values of records. */
export function splitFor(caller: Caller, run: Run, split: SplitView): SplitView {
  const mayRead = mayReadRecords(caller, run.environment);
  const describe = mayRead ? split.describe : hiddenSplit(split.number, run.splits.total);
  return { ...split, describe, error: split.error && reportFor(split.error, { mayRead }) };
}
