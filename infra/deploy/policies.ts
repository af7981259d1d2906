import { deployedName } from "../../shared/platform/functions.js";
import { storeTables } from "../../shared/store/tables.js";
import { type Grants, grants, type ObjectVerb, type RoleName, type TableVerb } from "./grants.js";

/** One statement of a RAM policy. */
export interface PolicyStatement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** A RAM policy document. */
export interface Policy {
  readonly Version: "1";
  readonly Statement: readonly PolicyStatement[];
}

const tableActions: Readonly<Record<TableVerb, readonly string[]>> = {
  read: ["ots:GetRow"],
  list: ["ots:GetRange"],
  // A write whose answer was lost is settled by reading the row back.
  write: ["ots:PutRow", "ots:GetRow"],
  remove: ["ots:DeleteRow"],
  readMany: ["ots:BatchGetRow"],
  writeMany: ["ots:BatchWriteRow", "ots:BatchGetRow"],
};

const objectActions: Readonly<Record<ObjectVerb, string>> = {
  read: "oss:GetObject",
  list: "oss:ListObjects",
  write: "oss:PutObject",
  remove: "oss:DeleteObject",
};

/** Names of the roles that data sources may be reached with. */
const SOURCE_ROLES = "sluice-source-*";

/**
 * The least that a function's role needs. Names of the installation stand as `${…}`, to be filled in with the
 * deployment's own environment; account and region are those of the policy.
 */
export function policyOf(role: RoleName): Policy {
  const own = grants[role];
  return { Version: "1", Statement: [...tableStatements(own), ...dirtyStatements(own), ...otherStatements(own)] };
}

/** Tables with the same actions share a statement. */
function tableStatements(own: Grants): PolicyStatement[] {
  const byActions = new Map<string, string[]>();
  for (const [key, { name }] of Object.entries(storeTables)) {
    const verbs = own.tables[key as keyof typeof storeTables] ?? [];
    const actions = [...new Set(verbs.flatMap((verb) => tableActions[verb]))].sort().join(" ");
    if (actions !== "") byActions.set(actions, [...(byActions.get(actions) ?? []), name]);
  }
  return [...byActions].map(([actions, names]) =>
    allow(
      actions.split(" "),
      names.map((name) => `acs:ots:*:*:instance/${placeholder("SLUICE_OTS_INSTANCE")}/table/${name}`),
    ),
  );
}

/** Listing is a right on the bucket, the others are rights on objects. */
function dirtyStatements({ dirty }: Grants): PolicyStatement[] {
  const bucket = `acs:oss:*:*:${placeholder("SLUICE_OSS_BUCKET")}`;
  const onObjects = dirty.filter((verb) => verb !== "list").map((verb) => objectActions[verb]);
  return [
    ...(dirty.includes("list") ? [allow([objectActions.list], [bucket])] : []),
    ...(onObjects.length > 0 ? [allow(onObjects, [`${bucket}/runs/*`])] : []),
  ];
}

function otherStatements({ calls, asks, kms }: Grants): PolicyStatement[] {
  const names = calls.map((callee) => (callee === "groups" ? "shard-*" : callee));
  const functions = names.map((name) => `acs:fc:*:*:functions/${deployedName(placeholder("SLUICE_STAGE"), name)}`);
  return [
    ...(functions.length > 0 ? [allow(["fc:InvokeFunction"], functions)] : []),
    // Of whatever resource group, and the function itself as well as a task below it.
    ...(asks
      ? [allow(["fc:GetAsyncTask"], [`acs:fc:*:*:functions/${deployedName(placeholder("SLUICE_STAGE"), "shard*")}`])]
      : []),
    allow(
      kms.map((action) => `kms:${action}`),
      [`acs:kms:*:*:key/${placeholder("SLUICE_KMS_KEY_ID")}`],
    ),
    // Every function connects to data sources: it tests, plans, moves or publishes. By their names, so that no data source
    // can make use of another role of the account that happens to trust everybody in it.
    allow(["sts:AssumeRole"], [`acs:ram:*:*:role/${SOURCE_ROLES}`]),
    // The platform writes a function's log with the function's role.
    allow(["log:PostLogStoreLogs"], ["acs:log:*:*:project/*"]),
  ];
}

function allow(Action: readonly string[], Resource: readonly string[]): PolicyStatement {
  return { Effect: "Allow", Action, Resource };
}

/** As `envsubst` fills it in. */
function placeholder(name: string): string {
  return `\${${name}}`;
}

/** Who may take these roles on: Function Compute. */
export const trustPolicy = {
  Version: "1",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: ["fc.aliyuncs.com"] } }],
} as const;

/** The checked-in documents by file name. */
export function policyFiles(): Readonly<Record<string, object>> {
  const roles = Object.keys(grants) as RoleName[];
  return Object.fromEntries([...roles.map((role) => [`${role}.json`, policyOf(role)]), ["trust.json", trustPolicy]]);
}
