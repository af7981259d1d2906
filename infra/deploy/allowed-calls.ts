import { grants, type RoleName } from "./grants.js";
import { type Policy, policyOf } from "./policies.js";

/** A call as the local cloud recorded it. */
export interface CloudCall {
  /** The function whose role signed it; null = the account itself. */
  readonly caller: string | null;
  readonly service: string;
  readonly operation: string;
  readonly resource: string;
}

/** Names in place of the policies' placeholders. */
export interface Installation {
  readonly stage: string;
  readonly instance: string;
  readonly bucket: string;
}

/** One action on one resource that a role is allowed, as it stands in the role's policy. */
export interface Permission {
  readonly role: RoleName;
  readonly action: string;
  readonly resource: string;
}

/** Recorded operations whose action is called otherwise. */
const actionNames: Readonly<Record<string, string>> = {
  "oss:ListObjectsV2": "oss:ListObjects",
  "oss:DeleteMultipleObjects": "oss:DeleteObject",
};

/** The role of a deployed function; null = none of ours. */
export function roleOfFunction(functionName: string, stage: string): RoleName | null {
  const name = functionName.replace(`sluice-${stage}-`, "");
  if (name.startsWith("shard-")) return "shard-group";
  return Object.keys(grants).find((role): role is RoleName => role === name) ?? null;
}

/** Everything that the policies allow. */
export function permissions(): Permission[] {
  return (Object.keys(grants) as RoleName[]).flatMap((role) =>
    policyOf(role).Statement.flatMap(({ Action, Resource }) =>
      Action.flatMap((action) => Resource.map((resource) => ({ role, action, resource }))),
    ),
  );
}

/** The permission that a function's call rests on; undefined when its role may not make it. */
export function permissionFor(call: CloudCall, role: RoleName, installation: Installation): Permission | undefined {
  const action = actionOf(call);
  const arn = arnOf(call);
  const policy: Policy = policyOf(role);
  for (const statement of policy.Statement) {
    if (!statement.Action.includes(action)) continue;
    const resource = statement.Resource.find((pattern) => matches(filledIn(pattern, installation), arn));
    if (resource !== undefined) return { role, action, resource };
  }
  return undefined;
}

function actionOf({ service, operation }: CloudCall): string {
  const action = `${service === "tablestore" ? "ots" : service}:${operation}`;
  return actionNames[action] ?? action;
}

function arnOf({ service, operation, resource }: CloudCall): string {
  if (service === "tablestore") return `acs:ots:region:account:${resource}`;
  if (service === "fc") return `acs:fc:region:account:functions/${resource}`;
  // The keys stand in the request's body.
  return `acs:oss:region:account:${resource}${operation === "DeleteMultipleObjects" ? "/runs/" : ""}`;
}

function filledIn(pattern: string, { stage, instance, bucket }: Installation): string {
  const values: Readonly<Record<string, string>> = {
    SLUICE_STAGE: stage,
    SLUICE_OTS_INSTANCE: instance,
    SLUICE_OSS_BUCKET: bucket,
  };
  return pattern.replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function matches(pattern: string, arn: string): boolean {
  const source = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`).test(arn);
}

/** Operations of `SLUICE_AUTO_BOOTSTRAP`, which `sluice check-deploy` keeps out of accounts. */
const bootstrapping = new Set(["CreateTable", "PutBucket", "UpdateTable", "DescribeTable"]);

/** Calls that functions made and their roles do not allow. */
export function forbiddenCalls(calls: readonly CloudCall[], installation: Installation): CloudCall[] {
  return calls.filter((call) => {
    if (call.caller === null || bootstrapping.has(call.operation)) return false;
    const role = roleOfFunction(call.caller, installation.stage);
    return role !== null && permissionFor(call, role, installation) === undefined;
  });
}
