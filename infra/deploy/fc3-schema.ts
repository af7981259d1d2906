import { z } from "zod";
import { STAGE, STAGE_EXPECTED } from "./names.js";

const text = (pattern: RegExp, expected: string) => z.string().regex(pattern, `expected ${expected}`);

const handler = text(/^[A-Za-z0-9_/-]+\.[A-Za-z_][A-Za-z0-9_]*$/, "file.export");

/**
 * Regions that the deploy component lets pass, version 0.1.22. Others with Function Compute may exist: `s verify` refuses
 * them until the component knows them.
 */
const regions = [
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-southeast-3",
  "ap-southeast-5",
  "ap-southeast-7",
  "cn-beijing",
  "cn-chengdu",
  "cn-hangzhou",
  "cn-heyuan-acdr-1",
  "cn-hongkong",
  "cn-huhehaote",
  "cn-qingdao",
  "cn-shanghai",
  "cn-shanghai-cloudspe",
  "cn-shanghai-finance-1",
  "cn-shenzhen",
  "cn-wulanchabu",
  "cn-zhangjiakou",
  "eu-central-1",
  "eu-west-1",
  "me-central-1",
  "us-east-1",
  "us-west-1",
] as const;

/** The longest a hook may take differs from a function's time limit. */
const hook = (seconds: number) => z.strictObject({ handler, timeout: z.int().min(1).max(seconds) });

const destination = z.strictObject({
  destination: text(
    /^acs:(fc|mns|mq|eventbridge):[^:]*:[^:]*:\S+$/,
    "an ARN such as acs:fc:region:account:functions/name",
  ),
});

const asyncInvokeConfig = z.strictObject({
  asyncTask: z.boolean(),
  maxAsyncRetryAttempts: z.int().min(0).max(8),
  // The component's own schema lets thirty days pass, the service's documentation seven.
  maxAsyncEventAgeInSeconds: z.int().min(1).max(604_800),
  destinationConfig: z
    .strictObject({ onSuccess: destination.optional(), onFailure: destination.optional() })
    .optional(),
  qualifier: z.string().optional(),
});

const trigger = {
  triggerName: text(/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/, "letters, digits, _ and -"),
  qualifier: z.string().optional(),
  description: z.string().max(256).optional(),
  invocationRole: z.string().optional(),
};

const httpTrigger = z.strictObject({
  ...trigger,
  triggerType: z.literal("http"),
  triggerConfig: z.strictObject({
    authType: z.enum(["anonymous", "function"]),
    disableURLInternet: z.boolean(),
    methods: z.array(z.enum(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"])).min(1),
  }),
});

const CRON =
  /^(@every [1-9]\d*[mh]|(CRON_TZ=\S+ )?\d{1,2} [\d,*/-]+ [\d,*/-]+ [\d,*?/-]+ [\dA-Za-z,*/-]+ [\dA-Za-z,*?/-]+)$/;

const timerTrigger = z.strictObject({
  ...trigger,
  triggerType: z.literal("timer"),
  triggerConfig: z.strictObject({
    cronExpression: text(CRON, "@every 1m, or six fields beginning with seconds"),
    enable: z.boolean(),
    payload: z.string().optional(),
  }),
});

const objectEvents = [
  "oss:ObjectCreated:PutObject",
  "oss:ObjectCreated:PostObject",
  "oss:ObjectCreated:CopyObject",
  // Not `*` and none of the events in between: an upload would start a run with each of its parts.
  "oss:ObjectCreated:CompleteMultipartUpload",
] as const;

const ossTrigger = z.strictObject({
  ...trigger,
  triggerType: z.literal("oss"),
  sourceArn: text(/^acs:oss:[^:]+:[^:]+:[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "acs:oss:region:account:bucket"),
  triggerConfig: z.strictObject({
    events: z.array(z.enum(objectEvents)).min(1),
    filter: z.strictObject({ key: z.strictObject({ prefix: z.string(), suffix: z.string() }) }),
  }),
});

const NO_VPC = "or remove this resource and its group in SLUICE_RESOURCE_GROUPS";

const vpcConfig = z.union([
  z.literal("auto"),
  z.strictObject({
    vpcId: text(/^vpc-\w+$/, `vpc-…: set SLUICE_VPC_ID, ${NO_VPC}`),
    vSwitchIds: z.union([
      z.literal("auto"),
      z.array(text(/^vsw-\w+$/, `vsw-…: set SLUICE_VSWITCH_ID, ${NO_VPC}`)).min(1),
    ]),
    securityGroupId: text(/^sg-\w+$/, `sg-…: set SLUICE_SECURITY_GROUP_ID, ${NO_VPC}`),
  }),
]);

const logConfig = z.union([
  z.literal("auto"),
  z.strictObject({
    project: z.string().min(3),
    logstore: z.string().min(3),
    enableRequestMetrics: z.boolean().optional(),
    enableInstanceMetrics: z.boolean().optional(),
    logBeginRule: z.enum(["DefaultRegex", "None"]).optional(),
  }),
]);

// Refused by the component in the middle of a deployment, by its schema not.
const tags = z
  .array(z.strictObject({ key: z.string().min(1), value: z.string() }))
  .max(20)
  .refine((all) => new Set(all.map(({ key }) => key)).size === all.length, "expected keys of which none is repeated");

const functionProps = z.strictObject({
  functionName: text(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, "letters, digits, _ and -, at most 64"),
  region: z.enum(regions),
  description: z.string().max(256).optional(),
  runtime: z.literal("nodejs20"),
  code: z.string().min(1),
  handler,
  cpu: z.number().min(0.05).max(16).multipleOf(0.05),
  memorySize: z.int().min(128).max(32_768).multipleOf(64),
  diskSize: z.literal([512, 10_240]),
  timeout: z.int().min(1).max(86_400),
  // The component lower-cases names, so others would not be found.
  role: text(/^(acs:ram::\d+:role\/[a-z0-9._-]+|[a-z0-9._-]{1,64})$/, "a role's name in lower case, or its ARN"),
  internetAccess: z.boolean().optional(),
  vpcConfig: vpcConfig.optional(),
  environmentVariables: z.record(text(/^[A-Za-z][A-Za-z0-9_]*$/, "a variable's name"), z.string()),
  tags: tags.optional(),
  resourceGroupId: z.string().optional(),
  logConfig,
  instanceLifecycleConfig: z
    .strictObject({ initializer: hook(300).optional(), preStop: hook(90).optional() })
    .optional(),
  concurrencyConfig: z.strictObject({ reservedConcurrency: z.int().min(1) }).optional(),
  asyncInvokeConfig: asyncInvokeConfig.optional(),
  triggers: z.array(z.discriminatedUnion("triggerType", [httpTrigger, timerTrigger, ossTrigger])).default([]),
});

/**
 * One resource of `s.yaml`, component fc3, with the types, values and ranges that the component and the service
 * document, and no key besides those that Sluice's functions use: a key mistyped would else be ignored silently.
 * Platform defaults are not relied on: sizes, time limit, role and log project must be said.
 *
 * @see docs/decisions/0006-own-fc3-schema.md for why this is not the component's own schema file
 */
export const fc3Resource = z.strictObject({
  component: text(/^fc3(@\d+\.\d+\.\d+)?$/, "fc3"),
  access: z.string().optional(),
  actions: z.record(z.string(), z.unknown()).optional(),
  props: functionProps,
});

/** The file around the resources. */
export const manifestFrame = z.strictObject({
  edition: z.literal("3.0.0"),
  name: z.string().min(1),
  access: z.string().min(1),
  // Without it `s deploy` does not look at the component's schema at all.
  validation: z.literal(true),
  vars: z.looseObject({ stage: text(STAGE, `${STAGE_EXPECTED}: set SLUICE_STAGE`).optional() }).optional(),
  resources: z.record(z.string(), z.unknown()),
});

/** A function's declaration, valid. */
export type Fc3FunctionProps = z.infer<typeof functionProps>;
