import { z } from "zod";
import { cutEnd } from "../../model/cut-end.js";
import type { JsonObject } from "../../model/json.js";
import type { InlineConnections, SourceSpec } from "../contract.js";
import { borrowedRole, cloudKeyProperties, requireCloudKey } from "../network/cloud-key.js";
import { storedBeside } from "../network/database-source.js";
import { zoneProperty } from "../network/zone-property.js";
import { secretsOf } from "../params/describe.js";
import { param } from "../params/note.js";

const text = z.string().trim();
const address = text.refine((value) => value === "" || (/^https?:\/\//i.test(value) && URL.canParse(value)), {
  message: "expected an address such as https://service.cn-hangzhou.maxcompute.aliyun.com/api",
});

const schema = z
  .strictObject({
    project: param(text.min(1), { help: "Name of the project." }),
    regionId: param(text.optional(), {
      help: "Region of the project, such as cn-hangzhou.",
      title: "Region",
      unless: ["endpoint"],
    }),
    endpointMode: param(z.enum(["SelfAdaption", "Custom"]).default("SelfAdaption"), {
      help: "SelfAdaption = the public address of the region; Custom = the endpoint below.",
      title: "Endpoint",
    }),
    endpoint: param(address.optional(), {
      help: "Address of the project's REST interface.",
      title: "Endpoint address",
    }),
    tunnelServer: param(address.optional(), {
      help: "Address of the tunnel; without it the endpoint tells.",
      title: "Tunnel address",
    }),
    ...cloudKeyProperties,
    signatureVersion: param(z.enum(["2", "4"]).default("2"), {
      help: "Of requests: 2 is taken by every endpoint; 4 binds them to the region and the day, and needs regionId.",
    }),
    timeZone: zoneProperty.optional(),
    envType: storedBeside(z.union([z.string(), z.number()]).optional()),
  })
  .superRefine((source, context) => {
    const require = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
    requireCloudKey(source, context);
    if (source.endpointMode === "Custom" && !source.endpoint) require("endpoint", "required with endpointMode Custom");
    if (source.signatureVersion === "4" && !source.regionId) require("regionId", "required with signatureVersion 4");
    if (!source.endpoint && !source.regionId) require("regionId", "required unless endpoint is given");
  });

/** Connection properties of a MaxCompute project. */
export type MaxcomputeSource = z.infer<typeof schema>;

const inlineKeys = ["accessId", "accessKey", "securityToken", "project", "odpsServer", "tunnelServer"] as const;
/** Where DataX goes when a job names no server. */
const DATAX_ENDPOINT = "http://service.odps.aliyun.com/api";

/** The data source of MaxCompute. */
export const maxcomputeSource: SourceSpec<MaxcomputeSource> = {
  schema,
  secrets: secretsOf(schema),
  borrows: borrowedRole,
  fromInline,
  inlineKeys,
};

/** DataX carries the connection in the parameter, in words of its own. */
function fromInline(parameter: JsonObject): InlineConnections | null {
  const isInline = inlineKeys.some((name) => parameter[name] !== undefined);
  if (parameter.datasource !== undefined || !isInline) return null;
  const { odpsServer, tunnelServer, ...others } = Object.fromEntries(
    Object.entries(parameter).filter(([name]) => (inlineKeys as readonly string[]).includes(name)),
  );
  const endpoint = odpsServer ?? DATAX_ENDPOINT;
  const properties = {
    ...others,
    endpointMode: "Custom",
    endpoint,
    ...(tunnelServer !== undefined && { tunnelServer }),
  };
  const rest = Object.entries(parameter).filter(([name]) => !(inlineKeys as readonly string[]).includes(name));
  return { sources: { inline_1: properties }, parameter: { datasource: "inline_1", ...Object.fromEntries(rest) } };
}

/** Where the project's REST interface is, without a trailing slash. */
export function odpsEndpointOf({ endpoint, regionId }: MaxcomputeSource): string {
  return cutEnd(endpoint || `https://service.${regionId}.maxcompute.aliyun.com/api`, /\//);
}
