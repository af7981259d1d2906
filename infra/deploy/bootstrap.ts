import { createHash, randomBytes } from "node:crypto";
import { allInOrder } from "../../shared/model/all-in-order.js";
import { UserError } from "../../shared/model/errors.js";
import { type Credentials, type Environment, readEnvironment } from "../../shared/platform/environment.js";
import { landingBucketOf } from "../../shared/platform/landing.js";
import { openObjectClient } from "../../shared/platform/objects.js";
import { createTableLayouts, type LayoutKeyColumn } from "../../shared/platform/table-layouts.js";
import { createDocuments } from "../../shared/platform/tablestore-documents.js";
import { storeTables } from "../../shared/store/tables.js";
import { STAGE, STAGE_EXPECTED } from "./names.js";

/** A table or bucket, and what was or would be done about it. */
export interface BootstrapItem {
  readonly name: string;
  readonly state: "exists" | "created" | "missing";
}

/** What is to be set for the functions, made now and stored nowhere. */
export interface AdminSecrets {
  /** The first admin's bearer token. */
  readonly token: string;
  /** Variables of the deployment: the token's hash, and a master key when no key was configured. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What bootstrap found and did. */
export interface BootstrapReport {
  readonly isDryRun: boolean;
  readonly instance: string;
  readonly tables: readonly BootstrapItem[];
  readonly buckets: readonly BootstrapItem[];
  /** Null when a token's hash is configured already, and in a dry run. */
  readonly admin: AdminSecrets | null;
  readonly notes: readonly string[];
}

/** How bootstrap is run. */
export interface BootstrapOptions {
  /** The environment of the deployment, and the deployer's `ALIBABA_CLOUD_…` credentials. */
  readonly env: NodeJS.ProcessEnv;
  readonly isDryRun: boolean;
}

/**
 * Makes what the functions expect in an account: tables and buckets. What is there stays as it is, so it may be repeated.
 * Everything is looked at before anything is made.
 *
 * @throws UserError CONFIG_INVALID for a missing or malformed variable, or a table whose key is not the code's; ACCESS_DENIED;
 *   SOURCE_UNREACHABLE; ALREADY_EXISTS when a bucket belongs to somebody else
 */
export async function bootstrap({ env, isDryRun }: BootstrapOptions): Promise<BootstrapReport> {
  const environment = readEnvironment(env, {
    region: env.SLUICE_REGION || "cn-hangzhou",
    accountId: env.ALIBABA_CLOUD_ACCOUNT_ID ?? "",
  });
  checkNames(environment);
  const credentials = deployerOf(env);
  const tablesFound = await lookAtTables(environment, credentials);
  const bucketNames = [environment.oss.bucket, landingBucketOf(environment.stage)];
  const bucketsFound = await allInOrder(bucketNames.map((name) => lookAtBucket(environment, credentials, name)));
  const isConfigured = environment.apiTokenHash !== "";
  if (!isDryRun) {
    await makeTables(environment, credentials, tablesFound);
    await makeBuckets(environment, credentials, bucketsFound);
  }
  const done = (items: readonly BootstrapItem[]) =>
    items.map((item) => (item.state === "missing" && !isDryRun ? { ...item, state: "created" as const } : item));
  return {
    isDryRun,
    instance: environment.tablestore.instance,
    tables: done(tablesFound),
    buckets: done(bucketsFound),
    admin: isDryRun || isConfigured ? null : makeAdmin(environment),
    notes: notesOf(environment, { isConfigured }),
  };
}

/** What would otherwise look like a service that does not answer. */
function checkNames({ stage, tablestore, oss }: Environment): void {
  const refuse = (path: string, value: string, expected: string): never => {
    throw new UserError("CONFIG_INVALID", `${path} is ${JSON.stringify(value)}; expected ${expected}`, { path });
  };
  if (!STAGE.test(stage)) refuse("SLUICE_STAGE", stage, STAGE_EXPECTED);
  const endpoints = { SLUICE_OTS_ENDPOINT: tablestore.endpoint, SLUICE_OSS_ENDPOINT: oss.endpoint };
  for (const [name, value] of Object.entries(endpoints))
    if (!/^https?:\/\//.test(value)) refuse(name, value, "an address that begins with https://");
}

function deployerOf(env: NodeJS.ProcessEnv): Credentials {
  const need = (name: string): string => {
    const value = env[name];
    if (value) return value;
    throw new UserError("CONFIG_INVALID", `environment variable ${name} is not set: bootstrap acts with your key`, {
      path: name,
    });
  };
  return {
    accessKeyId: need("ALIBABA_CLOUD_ACCESS_KEY_ID"),
    accessKeySecret: need("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
    securityToken: env.ALIBABA_CLOUD_SECURITY_TOKEN ?? "",
  };
}

async function lookAtTables(environment: Environment, credentials: Credentials): Promise<BootstrapItem[]> {
  const layouts = createTableLayouts(environment, credentials);
  const drifts: string[] = [];
  const found: BootstrapItem[] = [];
  for (const table of Object.values(storeTables)) {
    const key = await layouts.keyOf(table.name);
    found.push({ name: table.name, state: key ? "exists" : "missing" });
    if (key && keyText(key) !== keyText(table.key))
      drifts.push(`${table.name} has key ${keyText(key)}, the code needs ${keyText(table.key)}`);
  }
  if (drifts.length === 0) return found;
  throw new UserError(
    "CONFIG_INVALID",
    `tables of other layout in instance ${environment.tablestore.instance}: ${drifts.join("; ")}. Nothing was changed: use another instance, or move these tables away`,
    { path: "SLUICE_OTS_INSTANCE" },
  );
}

function keyText(key: readonly LayoutKeyColumn[]): string {
  return `(${key.map(({ name, type }) => `${name} ${type}`).join(", ")})`;
}

async function makeTables(environment: Environment, credentials: Credentials, found: readonly BootstrapItem[]) {
  const documents = createDocuments(environment, credentials);
  const missing = Object.values(storeTables).filter(({ name }) =>
    found.some((item) => item.name === name && item.state === "missing"),
  );
  for (const table of missing) await documents.ensureTable(table);
  for (const table of missing) await untilReady(() => documents.list(table, { prefix: [], limit: 1 }));
}

/** A new table answers "not ready" for some seconds; `Documents` waits for a few of them itself. */
async function untilReady(attemptOnce: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await attemptOnce();
      return;
    } catch (error) {
      if (attempt >= 20) throw error;
    }
  }
}

async function lookAtBucket(environment: Environment, credentials: Credentials, name: string): Promise<BootstrapItem> {
  const client = await openObjectClient(environment, credentials);
  try {
    await client.getBucketInfo(name);
    return { name, state: "exists" };
  } catch (cause) {
    const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
    if (code === "NoSuchBucket") return { name, state: "missing" };
    if (code === "AccessDenied")
      throw new UserError(
        "ALREADY_EXISTS",
        `bucket ${name} belongs to another account, or your key may not see it: names are shared by all accounts`,
        { cause, path: "SLUICE_OSS_BUCKET" },
      );
    const what = `OSS at ${environment.oss.endpoint} does not tell of bucket ${name}: ${code || "no answer"}`;
    throw new UserError(
      /^(RequestError|ConnectionTimeoutError|)$/.test(code) ? "SOURCE_UNREACHABLE" : "ACCESS_DENIED",
      what,
      { cause },
    );
  }
}

async function makeBuckets(environment: Environment, credentials: Credentials, found: readonly BootstrapItem[]) {
  const client = await openObjectClient(environment, credentials);
  for (const { name, state } of found) if (state === "missing") await client.putBucket(name);
}

function makeAdmin({ stage, secrets }: Environment): AdminSecrets {
  const token = randomBytes(32).toString("base64url");
  const hash = createHash("sha256").update(token).digest("hex");
  const isKeyNeeded =
    secrets.kmsKeyId === "" && secrets.masterKey === "" && (stage !== "prod" || secrets.allowEnvironmentKey);
  return {
    token,
    environment: {
      SLUICE_API_TOKEN_HASH: hash,
      ...(isKeyNeeded && { SLUICE_MASTER_KEY: randomBytes(32).toString("base64") }),
    },
  };
}

function notesOf({ stage, secrets }: Environment, { isConfigured }: { isConfigured: boolean }): string[] {
  const notes: string[] = [];
  if (isConfigured) notes.push("SLUICE_API_TOKEN_HASH is set: no new admin token");
  if (stage === "prod" && secrets.kmsKeyId === "" && !secrets.allowEnvironmentKey)
    notes.push("stage prod seals secrets with KMS: set SLUICE_KMS_KEY_ID, or SLUICE_ALLOW_ENV_KEY to 1");
  return notes;
}
