// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are expressions of the file under test.
import { createHash, randomBytes } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { routes } from "../../functions/api/routes.js";
import { sluice } from "../../infra/cli/program.js";
import { environmentNames } from "../../infra/deploy/check-build.js";
import { checkDeclarations, checkDeploy, checkManifest } from "../../infra/deploy/check-deploy.js";
import { apiMethods } from "../../infra/deploy/check-triggers.js";
import type { Fc3FunctionProps } from "../../infra/deploy/fc3-schema.js";
import { renderManifest } from "../../infra/deploy/render.js";
import { interpolate } from "../../infra/local/manifest-expressions.js";
import { fakeTerminal } from "../unit/infra/cli/fake-terminal.js";

const root = path.resolve(import.meta.dirname, "../..");

/** What somebody who deploys has set. */
const account = {
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? "",
  SLUICE_STAGE: "test",
  SLUICE_OTS_ENDPOINT: "https://sluice-test.cn-hangzhou.ots-internal.aliyuncs.com",
  SLUICE_OTS_INSTANCE: "sluice-test",
  SLUICE_OSS_ENDPOINT: "https://oss-cn-hangzhou-internal.aliyuncs.com",
  SLUICE_OSS_BUCKET: "sluice-test-1234",
  SLUICE_API_TOKEN_HASH: createHash("sha256").update("token").digest("hex"),
  SLUICE_MASTER_KEY: randomBytes(32).toString("base64"),
  SLUICE_VPC_ID: "vpc-bp1abc",
  SLUICE_VSWITCH_ID: "vsw-bp1abc",
  SLUICE_SECURITY_GROUP_ID: "sg-bp1abc",
};

let folder: string;
let manifest: string;
let namesInCode: ReadonlySet<string>;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sluice-deploy-"));
  manifest = (await readFile(path.join(root, "s.yaml"), "utf8")).replace(
    "code: ./dist/functions",
    `code: ${path.join(root, "dist/functions")}`,
  );
  const functions = [{ resource: "api", props: { code: "dist/functions" } as Fc3FunctionProps }];
  namesInCode = environmentNames(functions, root) ?? new Set();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Change = (text: string) => string;

const asItIs: Change = (text) => text;

/** Renders as `s preview` does, which a test below shows, without a process for every variant. */
function rendered(text: string, environment: Record<string, string>): Record<string, unknown> {
  return interpolate(parse(text, { merge: true }), { environment, accountId: "${config('AccountID')}" });
}

/** Checks `s.yaml` after a change. */
function check(change = asItIs, env: Record<string, string> = {}) {
  return checkManifest(rendered(change(manifest), { ...account, ...env }), root);
}

/** The declarations alone: nothing is loaded. */
function declared(change: Change, env: Record<string, string>) {
  return checkDeclarations(rendered(change(manifest), { ...account, ...env }), namesInCode);
}

/** The same by way of the deployment tool. */
async function checkFile(change: Change) {
  const file = path.join(folder, `s-${randomBytes(4).toString("hex")}.yaml`);
  await writeFile(file, change(manifest));
  return checkDeploy(file, account);
}

/** Replaces once, in the block of one resource, what must be there. */
function inResource(name: string, from: string | RegExp, to: string): Change {
  return (text) => {
    const start = text.indexOf(`\n  ${name}:\n    component`);
    const end = text.slice(start + 3).search(/\n {2}[a-z-]+:\n {4}component|$(?![\s\S])/) + start + 3;
    const block = text.slice(start, end);
    const changed = block.replace(from, to);
    if (start < 0 || changed === block) throw new Error(`nothing to change in ${name}`);
    return text.slice(0, start) + changed + text.slice(end);
  };
}

describe("the repository's own declarations", () => {
  it("look the same rendered by the deployment tool and here", async () => {
    expect(rendered(await readFile(path.join(root, "s.yaml"), "utf8"), account)).toEqual(
      await renderManifest(path.join(root, "s.yaml"), account),
    );
  });

  it("may be deployed, and every bundle is within its budget", async () => {
    const report = await check();
    expect(report.violations).toEqual([]);
    expect(report.functions).toEqual([
      "sluice-test-api",
      "sluice-test-dispatcher",
      "sluice-test-planner",
      "sluice-test-shard",
      "sluice-test-shard-vpc",
      "sluice-test-reducer",
    ]);
    expect(report.bundles.map(({ name }) => name)).toEqual(["api", "dispatcher", "planner", "shard", "reducer"]);
    for (const { bytes, budget } of report.bundles) {
      expect(bytes).toBeGreaterThan(500_000);
      expect(bytes).toBeLessThanOrEqual(budget);
    }
  });

  it("may not without what an account needs", async () => {
    const { violations } = await check(asItIs, {
      SLUICE_VPC_ID: "",
      SLUICE_OTS_ENDPOINT: "",
      SLUICE_MASTER_KEY: "",
    });
    const fields = new Set(violations.map(({ field }) => field));
    expect(fields).toEqual(
      new Set([
        "props.vpcConfig.vpcId",
        "props.environmentVariables.SLUICE_OTS_ENDPOINT",
        "props.environmentVariables.SLUICE_KMS_KEY_ID",
      ]),
    );
  });
});

describe("a password of a data source", () => {
  it("may be declared under a name of the user's choice", async () => {
    const declare = (text: string) =>
      text.replace("SLUICE_OSS_BUCKET:", "SLUICE_SECRET_default__SHOP: hidden\n      SLUICE_OSS_BUCKET:");
    expect((await check(declare)).violations).toEqual([]);
  });
});

/** One broken declaration per rule. */
const broken: [rule: string, change: Change, violation: object, env?: Record<string, string>][] = [
  [
    "an unknown key",
    inResource("shard", "timeout: 7200", "timeOut: 7200"),
    { resource: "shard", field: "props.timeOut", value: "7200", expected: expect.stringContaining("no such key") },
  ],
  [
    "a missing key",
    inResource("shard", /\n {6}timeout: 7200/, ""),
    { resource: "shard", field: "props.timeout", value: "(absent)" },
  ],
  [
    "a wrong type",
    inResource("api", "memorySize: 1024", "memorySize: '1024'"),
    { resource: "api", field: "props.memorySize", value: '"1024"' },
  ],
  [
    "a value off the grid",
    inResource("api", "memorySize: 1024", "memorySize: 1000"),
    { resource: "api", field: "props.memorySize", value: "1000" },
  ],
  [
    "a value out of range",
    inResource("dispatcher", "maxAsyncEventAgeInSeconds: 3600", "maxAsyncEventAgeInSeconds: 2592000"),
    { resource: "dispatcher", field: "props.asyncInvokeConfig.maxAsyncEventAgeInSeconds" },
  ],
  [
    "an unknown runtime",
    (text) => text.replace("runtime: nodejs20", "runtime: nodejs22"),
    { resource: "api", field: "props.runtime", value: '"nodejs22"' },
  ],
  [
    "an unknown method",
    inResource("api", "methods: [GET,", "methods: [FETCH,"),
    { resource: "api", field: "props.triggers[0].triggerConfig.methods[0]", value: '"FETCH"' },
  ],
  [
    "an unknown key in a trigger",
    inResource("dispatcher", "enable: true,", "enabled: true, enable: true,"),
    { resource: "dispatcher", field: "props.triggers[0].triggerConfig.enabled" },
  ],
  [
    "events of parts of an upload",
    inResource("dispatcher", "oss:ObjectCreated:PutObject", "oss:ObjectCreated:*"),
    { resource: "dispatcher", field: "props.triggers[1].triggerConfig.events[0]" },
  ],
  [
    "a timer expression of another cloud",
    inResource("dispatcher", "'@every 1m'", "'0 0/5 * * * ? *'"),
    { resource: "dispatcher", field: "props.triggers[0].triggerConfig.cronExpression" },
  ],
  [
    "too much memory for the vCPUs",
    inResource("shard", "memorySize: 1024", "memorySize: 8192"),
    { resource: "shard", field: "props.memorySize", value: "8192", expected: expect.stringContaining("1024 and 4096") },
  ],
  [
    "too little memory for the vCPUs",
    inResource("shard", "memorySize: 1024", "memorySize: 512"),
    { resource: "shard", field: "props.memorySize", value: "512" },
  ],
  [
    "a time limit that is too short for its work",
    inResource("shard", "timeout: 7200", "timeout: 60"),
    { resource: "shard", field: "props.timeout", value: "60" },
  ],
  [
    "an environment value that is no string",
    inResource("api", "SLUICE_VCPU: '0.5'", "SLUICE_VCPU: 0.5"),
    { resource: "api", field: "props.environmentVariables.SLUICE_VCPU", value: "0.5" },
  ],
  [
    "vCPUs that costs would be counted wrongly with",
    inResource("shard", "SLUICE_VCPU: '1'", "SLUICE_VCPU: '2'"),
    { resource: "shard", field: "props.environmentVariables.SLUICE_VCPU", value: '"2"' },
  ],
  [
    "uploads of another region",
    inResource("dispatcher", "acs:oss:${vars.region}:", "acs:oss:cn-beijing:"),
    {
      resource: "dispatcher",
      field: "props.triggers[1].sourceArn",
      expected: "region cn-hangzhou, where the functions are",
    },
  ],
  [
    "lost shards that are told to another region",
    inResource("shard", "acs:fc:${vars.region}:", "acs:fc:cn-shanghai:"),
    {
      resource: "shard",
      field: "props.asyncInvokeConfig.destinationConfig.onFailure.destination",
      expected: expect.stringContaining("region cn-hangzhou"),
    },
  ],
  [
    "names of two accounts",
    (text) =>
      inResource(
        "shard-vpc",
        "${config(''AccountID'')}",
        "2222222222",
      )(inResource("dispatcher", "${config('AccountID')}", "1111111111")(text)),
    { resource: "shard-vpc", expected: expect.stringContaining("account 1111111111") },
  ],
  [
    "a role of another account",
    (text) =>
      inResource(
        "api",
        /role: .*/,
        "role: acs:ram::2222222222:role/sluice-test-api",
      )(inResource("dispatcher", "${config('AccountID')}", "1111111111")(text)),
    { resource: "dispatcher", field: "props.triggers[1].sourceArn", expected: expect.stringContaining("2222222222") },
  ],
  [
    "functions of two regions",
    inResource("reducer", "<<: *base", "<<: *base\n      region: cn-beijing"),
    { resource: "-", field: "props.region", value: '["cn-hangzhou","cn-beijing"]' },
  ],
  [
    "tables of another region",
    asItIs,
    { field: "props.environmentVariables.SLUICE_OTS_ENDPOINT", expected: expect.stringContaining("cn-hangzhou") },
    { SLUICE_OTS_ENDPOINT: "https://sluice-test.cn-beijing.ots-internal.aliyuncs.com" },
  ],
  [
    "tables of another instance",
    asItIs,
    { field: "props.environmentVariables.SLUICE_OTS_INSTANCE", value: '"sluice-test"' },
    { SLUICE_OTS_ENDPOINT: "https://sluice-prod.cn-hangzhou.vpc.tablestore.aliyuncs.com" },
  ],
  [
    "objects of another region",
    asItIs,
    { field: "props.environmentVariables.SLUICE_OSS_ENDPOINT", expected: expect.stringContaining("cn-hangzhou") },
    { SLUICE_OSS_ENDPOINT: "https://oss-cn-beijing-internal.aliyuncs.com" },
  ],
  [
    "an endpoint of OSS with a bucket in it",
    asItIs,
    { field: "props.environmentVariables.SLUICE_OSS_ENDPOINT", expected: expect.stringContaining("without a bucket") },
    { SLUICE_OSS_ENDPOINT: "https://mine.oss-cn-hangzhou.aliyuncs.com" },
  ],
  [
    "endpoints that were mixed up",
    asItIs,
    { field: "props.environmentVariables.SLUICE_OTS_ENDPOINT", expected: expect.stringContaining("such as") },
    { SLUICE_OTS_ENDPOINT: "https://oss-cn-hangzhou-internal.aliyuncs.com" },
  ],
  [
    "a KMS of another region",
    asItIs,
    { field: "props.environmentVariables.SLUICE_KMS_ENDPOINT" },
    { SLUICE_KMS_ENDPOINT: "https://kms-vpc.cn-beijing.aliyuncs.com" },
  ],
  [
    "an STS of another region",
    asItIs,
    { field: "props.environmentVariables.SLUICE_STS_ENDPOINT" },
    { SLUICE_STS_ENDPOINT: "https://sts-vpc.cn-beijing.aliyuncs.com" },
  ],
  [
    "functions of another region",
    asItIs,
    { field: "props.environmentVariables.SLUICE_FC_ENDPOINT" },
    { SLUICE_FC_ENDPOINT: "https://1111111111.cn-beijing-internal.fc.aliyuncs.com" },
  ],
  [
    "a region that only the functions have",
    asItIs,
    { field: "props.environmentVariables.SLUICE_OTS_ENDPOINT", expected: expect.stringContaining("cn-beijing") },
    { SLUICE_REGION: "cn-beijing" },
  ],
  [
    "methods that the API needs",
    inResource("api", "methods: [GET, POST, PUT, DELETE, PATCH, HEAD]", "methods: [GET, POST]"),
    {
      resource: "api",
      field: "props.triggers[0].triggerConfig.methods",
      expected: expect.stringContaining("PUT, DELETE besides"),
    },
  ],
  [
    "callers who would have to sign",
    inResource("api", "authType: anonymous", "authType: function"),
    { resource: "api", field: "props.triggers[0].triggerConfig.authType", value: '"function"' },
  ],
  [
    "a timer that does not ring",
    inResource("dispatcher", "enable: true", "enable: false"),
    { resource: "dispatcher", field: "props.triggers[0].triggerConfig.enable", value: "false" },
  ],
  [
    "a variable that the code reads and nobody declares",
    (text) => text.replace(/\n {6}SLUICE_OSS_BUCKET:.*/, ""),
    { resource: "api", field: "props.environmentVariables.SLUICE_OSS_BUCKET", value: "(absent)" },
  ],
  [
    "a variable that no code reads",
    (text) => text.replace("SLUICE_OSS_BUCKET:", "SLUICE_OSS_BUCKETS: x\n      SLUICE_OSS_BUCKET:"),
    { resource: "api", field: "props.environmentVariables.SLUICE_OSS_BUCKETS", value: '"x"' },
  ],
  [
    "a function under a name that nobody calls",
    inResource("reducer", "functionName: sluice-${vars.stage}-reducer", "functionName: sluice-${vars.stage}-reduce"),
    { resource: "-", field: "resources", expected: expect.stringContaining("sluice-test-reducer") },
  ],
  [
    "two functions of one name",
    inResource("shard-vpc", /functionName: .*/, "functionName: sluice-${vars.stage}-shard"),
    { resource: "shard-vpc", field: "props.functionName", expected: "a name of its own" },
  ],
  [
    "a resource group without a function",
    asItIs,
    { resource: "-", value: '"mill"', expected: expect.stringContaining("sluice-test-shard-mill") },
    { SLUICE_RESOURCE_GROUPS: "default=64,vpc=16,mill=1" },
  ],
  [
    "a shard function without a resource group",
    asItIs,
    { resource: "shard-vpc", field: "props.functionName", expected: expect.stringContaining('"vpc"') },
    { SLUICE_RESOURCE_GROUPS: "default=64" },
  ],
  [
    "a cap above what is reserved",
    asItIs,
    { resource: "shard-vpc", field: "props.concurrencyConfig.reservedConcurrency", value: "16" },
    { SLUICE_RESOURCE_GROUPS: "default=64,vpc=17" },
  ],
  [
    "shards that could starve the others",
    inResource("shard", /\n {6}concurrencyConfig:.*/, ""),
    { resource: "shard", field: "props.concurrencyConfig", value: "(absent)" },
  ],
  [
    "shards that the platform repeats",
    inResource("shard", "maxAsyncRetryAttempts: 0", "maxAsyncRetryAttempts: 3"),
    { resource: "shard", field: "props.asyncInvokeConfig.maxAsyncRetryAttempts", value: "3" },
  ],
  [
    "calls that are no tasks",
    inResource("reducer", "asyncTask: true", "asyncTask: false"),
    { resource: "reducer", field: "props.asyncInvokeConfig.asyncTask", value: "false" },
  ],
  [
    "lost shards that nobody hears of",
    inResource("shard", /\n {8}destinationConfig:\n.*/, ""),
    { resource: "shard", field: "props.asyncInvokeConfig.destinationConfig.onFailure.destination" },
  ],
  [
    "uploads from a bucket that is not made",
    inResource("dispatcher", "${vars.stage}-landing", "landing"),
    { resource: "dispatcher", field: "props.triggers[1].sourceArn", value: '"sluice-landing"' },
  ],
  [
    "a trigger for every object",
    inResource("dispatcher", "prefix: landing/", "prefix: ''"),
    { resource: "dispatcher", field: "props.triggers[1].triggerConfig.filter.key.prefix" },
  ],
  [
    "a program without its trigger",
    inResource("api", /\n {6}triggers:[\s\S]*/, "\n"),
    { resource: "api", field: "props.triggers", value: "[]", expected: "triggers of type http" },
  ],
  [
    "a production stage with the environment's key",
    asItIs,
    { resource: "api", field: "props.environmentVariables.SLUICE_MASTER_KEY", value: "(secret)" },
    { SLUICE_STAGE: "prod" },
  ],
  [
    "a role whose name is not in lower case",
    inResource("api", "role: sluice-", "role: Sluice-"),
    { resource: "api", field: "props.role" },
  ],
  [
    "a stage that cannot be part of names",
    asItIs,
    { resource: "-", field: "vars.stage", value: '"Prod_1"', expected: expect.stringContaining("set SLUICE_STAGE") },
    { SLUICE_STAGE: "Prod_1" },
  ],
  [
    "a deployment that would not ask the component's own schema",
    (text) => text.replace("validation: true", "validation: false"),
    { resource: "-", field: "validation", value: "false", expected: "true" },
  ],
  ["another edition", (text) => text.replace("edition: 3.0.0", "edition: 1.0.0"), { resource: "-", field: "edition" }],
];

/** The same for rules about the built code, which has to be loaded. */
const misbuilt: typeof broken = [
  [
    "a handler file that is not built",
    inResource("shard", "handler: shard.handler", "handler: shard/other.handler"),
    { resource: "shard", field: "props.handler" },
  ],
  [
    "a handler that is not exported",
    inResource("shard", "handler: shard.handler", "handler: shard.main"),
    { resource: "shard", field: "props.handler", expected: expect.stringContaining("main exported by") },
  ],
];

describe("a declaration is refused, with place, value and what is expected, for", () => {
  it.each(broken)("%s", (_rule, change, violation, env = {}) => {
    expect(declared(change, env)).toContainEqual(expect.objectContaining(violation));
  });

  it.each(misbuilt)("%s", async (_rule, change, violation, env = {}) => {
    const report = await check(change, env);
    expect(report.violations).toContainEqual(expect.objectContaining(violation));
  });

  it.each(["dist/elsewhere", "dist", "."])("a wrong code folder, %s, once", async (elsewhere) => {
    const change = (text: string) => text.replace("dist/functions", elsewhere);
    expect((await check(change)).violations).toEqual([
      expect.objectContaining({
        resource: "-",
        field: "props.code",
        expected: expect.stringContaining("npm run build"),
      }),
    ]);
    const ofOne = inResource("shard", "<<: *base", `<<: *base\n      code: ./${elsewhere}`);
    expect((await check(ofOne)).violations).toEqual([
      expect.objectContaining({ resource: "shard", field: "props.code" }),
    ]);
  });

  it("endpoints of the account's own domains and of every form that the services have: not", () => {
    for (const endpoints of [
      { SLUICE_OTS_ENDPOINT: "https://sluice-test.cn-hangzhou.vpc.tablestore.aliyuncs.com" },
      { SLUICE_OTS_ENDPOINT: "https://sluice-test.cn-hangzhou.ots.aliyuncs.com" },
      { SLUICE_OSS_ENDPOINT: "https://oss-cn-hangzhou.aliyuncs.com" },
      { SLUICE_OSS_ENDPOINT: "https://objects.example.com" },
      { SLUICE_FC_ENDPOINT: "https://fcv3.cn-hangzhou.aliyuncs.com" },
      { SLUICE_FC_ENDPOINT: "https://1111111111.cn-hangzhou-internal.fc.aliyuncs.com" },
      { SLUICE_KMS_ENDPOINT: "https://kst-hzz1.cryptoservice.kms.aliyuncs.com" },
      { SLUICE_STS_ENDPOINT: "https://sts.aliyuncs.com" },
    ])
      expect(declared(asItIs, endpoints)).toEqual([]);
  });

  it("methods: those of the API's routes, no more", () => {
    expect(new Set(routes.map(({ method }) => method))).toEqual(new Set(apiMethods));
  });

  it("a bundle that loads too much", async () => {
    const built = path.join(folder, "functions");
    await cp(path.join(root, "dist/functions"), built, { recursive: true });
    const file = path.join(built, "api.js");
    await writeFile(file, `${await readFile(file, "utf8")}\n//${"x".repeat(200_000)}`);
    const report = await check((text) => text.replace(path.join(root, "dist/functions"), built));
    expect(report.violations).toEqual([expect.objectContaining({ resource: "api", field: "bundle" })]);
  });

  it("an expression that is never filled in", async () => {
    const change = inResource("api", "timeout: 60", "timeout: 60\n      description: ${config('Region')}");
    const { violations } = await checkFile(change);
    expect(violations).toEqual([expect.objectContaining({ resource: "api", field: "props.description" })]);
  });

  it("a handler of no program once, and not for the name that follows from it", async () => {
    const { violations } = await check(inResource("shard", "handler: shard.handler", "handler: shart.handler"));
    expect(violations.filter(({ resource }) => resource === "shard")).toEqual([
      expect.objectContaining({ field: "props.handler", expected: expect.stringContaining("shard.handler") }),
    ]);
  });

  it("text that is not YAML, with place and reason in the tool's own words and nothing around them", async () => {
    const refusal = await checkFile((text) => text.replace("resources:", "resources: [")).then(String, String);
    expect(refusal).toContain("missed comma between flow collection entries");
    expect(refusal).toContain("component: fc3");
    expect(refusal).not.toMatch(/Error Message|log of this run|Tips|Feedback/);
  });

  it("an alias or a variable that is none, by its name", async () => {
    await expect(checkFile((text) => text.replace("<<: *base", "<<: *bas"))).rejects.toThrow('"bas"');
    await expect(checkFile((text) => text.replace("${vars.region}", "${vars.regoin}"))).rejects.toThrow("vars.regoin");
  });

  it("a file that is not there", async () => {
    await expect(checkDeploy(path.join(folder, "none.yaml"), account)).rejects.toThrow("does not exist");
  });
});

describe("sluice check-deploy", () => {
  it("ends with code 2 and lists every violation", async () => {
    const terminal = fakeTerminal({ env: { ...account, SLUICE_VPC_ID: "", SLUICE_STAGE: "prod" } });
    expect(await sluice(["check-deploy", "--manifest", path.join(root, "s.yaml")], terminal)).toBe(2);
    expect(terminal.written.out).toContain("props.vpcConfig.vpcId");
    expect(terminal.written.out).toContain("not to be deployed");
    expect(terminal.written.out).not.toContain(account.SLUICE_MASTER_KEY);
  });

  it("ends with code 0 when there is none, and prints one document with --json", async () => {
    const terminal = fakeTerminal({ env: account });
    expect(await sluice(["check-deploy", "--json", "--manifest", path.join(root, "s.yaml")], terminal)).toBe(0);
    expect(JSON.parse(terminal.written.out)).toMatchObject({ violations: [], functions: expect.any(Array) });
  });
});
