import type { DeclaredFunction } from "./check-functions.js";
import { type Violation, violation } from "./violation.js";

const WHOLE_FILE = "-";
/** What the deployment fills in. */
const OWN_ACCOUNT = "${config('AccountID')}";

/** A resource's name, or something with a place in it, as the file has it. */
interface Named {
  readonly resource: string;
  readonly field: string;
  readonly text: string;
  readonly region?: string | undefined;
  readonly account?: string | undefined;
}

/**
 * Regions and accounts: functions call each other, hear of objects and reach their tables within one region of one account. ARNs
 * and endpoints that name another are accepted by the deployment and fail at run time.
 */
export function checkPlaces(functions: readonly DeclaredFunction[]): Violation[] {
  const regions = new Set(functions.map(({ props }) => props.region));
  const [region] = regions;
  if (region === undefined) return [];
  if (regions.size > 1)
    return [
      violation(WHOLE_FILE, "props.region", {
        value: [...regions],
        expected: "the same region for every function: they call each other",
      }),
    ];
  const names = functions.flatMap((one) => [...arnsOf(one), ...endpointsOf(one)]);
  return [
    ...functions.flatMap(checkEndpoints),
    ...names.flatMap((name) => checkRegion(name, region)),
    ...checkAccounts(names),
  ];
}

function checkRegion({ resource, field, text, region: named }: Named, region: string): Violation[] {
  if (named === undefined || named === region) return [];
  return [violation(resource, field, { value: text, expected: `region ${region}, where the functions are` })];
}

function checkAccounts(names: readonly Named[]): Violation[] {
  const own = names.find(({ account }) => account !== undefined && account !== OWN_ACCOUNT)?.account;
  if (own === undefined) return [];
  return names
    .filter(({ account, text }) => account !== undefined && account !== OWN_ACCOUNT && account !== own && text !== "")
    .map(({ resource, field, text }) =>
      violation(resource, field, { value: text, expected: `account ${own}, as the other names have it` }),
    );
}

/** Names that carry region and account: `acs:<service>:<region>:<account>:<what>`. */
function arnsOf({ resource, props }: DeclaredFunction): Named[] {
  const path = "props.asyncInvokeConfig.destinationConfig";
  const { onSuccess, onFailure } = props.asyncInvokeConfig?.destinationConfig ?? {};
  const declared: [string, string | undefined][] = [
    ["props.role", props.role.startsWith("acs:") ? props.role : undefined],
    [`${path}.onSuccess.destination`, onSuccess?.destination],
    [`${path}.onFailure.destination`, onFailure?.destination],
    ...props.triggers.map(({ invocationRole }, at): [string, string | undefined] => [
      `props.triggers[${at}].invocationRole`,
      invocationRole,
    ]),
    ...props.triggers.map((trigger, at): [string, string | undefined] => [
      `props.triggers[${at}].sourceArn`,
      trigger.triggerType === "oss" ? trigger.sourceArn : undefined,
    ]),
  ];
  return declared.flatMap(([field, text]) => {
    if (text === undefined) return [];
    const [, , region = "", account = ""] = text.split(":");
    return [{ resource, field, text, region: region || undefined, account: account || undefined }];
  });
}

interface EndpointRule {
  /** Host names of the service, with what they name. */
  readonly pattern: RegExp;
  readonly example: string;
}

/** The services' own host names. Source: the pages "Endpoints" of each service. */
const hostsOf: Readonly<Record<string, EndpointRule>> = {
  SLUICE_OTS_ENDPOINT: {
    pattern: /^(?<instance>[a-z0-9-]+)\.(?<region>[a-z0-9-]+)\.(vpc\.)?(ots|ots-internal|tablestore)\.aliyuncs\.com$/,
    example: "https://<instance>.<region>.ots-internal.aliyuncs.com",
  },
  SLUICE_OSS_ENDPOINT: {
    pattern: /^(vpc100-)?oss-(accelerate(-overseas)?|(?<region>[a-z0-9-]+?)(-internal)?)\.aliyuncs\.com$/,
    example: "https://oss-<region>-internal.aliyuncs.com, without a bucket",
  },
  SLUICE_FC_ENDPOINT: {
    pattern: /^(?<account>\d+|fcv3)\.(?<region>[a-z0-9-]+?)(-internal)?(\.fc)?\.aliyuncs\.com$/,
    example: "https://<account>.<region>.fc.aliyuncs.com",
  },
  SLUICE_KMS_ENDPOINT: {
    pattern: /^(kms(-vpc)?\.(?<region>[a-z0-9-]+)|[a-z0-9-]+\.cryptoservice\.kms)\.aliyuncs\.com$/,
    example: "https://kms-vpc.<region>.aliyuncs.com",
  },
  SLUICE_STS_ENDPOINT: {
    pattern: /^sts(-vpc)?(\.(?<region>[a-z0-9-]+))?\.aliyuncs\.com$/,
    example: "https://sts-vpc.<region>.aliyuncs.com",
  },
};

/** The host of a variable's address, when it is one of the cloud's; domains of the user's own say nothing about places. */
function cloudHost(value: string | undefined): string | null {
  const host = /^https:\/\/([a-z0-9.-]+)$/.exec(value ?? "")?.[1];
  return host?.endsWith(".aliyuncs.com") ? host : null;
}

function endpointsOf({ resource, props }: DeclaredFunction): Named[] {
  return Object.entries(hostsOf).flatMap(([name, { pattern }]) => {
    const text = props.environmentVariables[name] ?? "";
    const named = pattern.exec(cloudHost(text) ?? "")?.groups;
    if (named === undefined) return [];
    const account = named.account === "fcv3" ? undefined : named.account;
    return [{ resource, field: `props.environmentVariables.${name}`, text, region: named.region, account }];
  });
}

/** Addresses that are those of another service, or of another instance than the one that is named beside it. */
function checkEndpoints({ resource, props }: DeclaredFunction): Violation[] {
  const declared = props.environmentVariables;
  return Object.entries(hostsOf).flatMap(([name, { pattern, example }]) => {
    const host = cloudHost(declared[name]);
    if (host === null) return [];
    const field = `props.environmentVariables.${name}`;
    const found = pattern.exec(host);
    if (found === null)
      return [violation(resource, field, { value: declared[name], expected: `an address such as ${example}` })];
    const instance = found.groups?.instance;
    if (instance === undefined || instance === declared.SLUICE_OTS_INSTANCE?.toLowerCase()) return [];
    const expected = `${instance}, the instance in SLUICE_OTS_ENDPOINT`;
    return [
      violation(resource, "props.environmentVariables.SLUICE_OTS_INSTANCE", {
        value: declared.SLUICE_OTS_INSTANCE,
        expected,
      }),
    ];
  });
}
