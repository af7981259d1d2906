import { z } from "zod";
import { cutEnd } from "../../model/cut-end.js";
import type { SourceSpec } from "../contract.js";
import { borrowedRole, cloudKeyProperties, cloudKeySecrets, requireCloudKey } from "../network/cloud-key.js";

const text = z.string().trim();
const address = text.refine((value) => value === "" || (/^https?:\/\//i.test(value) && URL.canParse(value)), {
  message: "expected an address such as https://service.cn-hangzhou.maxcompute.aliyun.com/api",
});

const schema = z
  .strictObject({
    project: text.min(1).meta({ title: "Project" }),
    regionId: text.optional().meta({ title: "Region" }),
    /** `SelfAdaption`: the public address of the region. `Custom`: the endpoint below. */
    endpointMode: z.enum(["SelfAdaption", "Custom"]).default("SelfAdaption").meta({ title: "Endpoint" }),
    endpoint: address.optional().meta({ title: "Endpoint address" }),
    tunnelServer: address.optional().meta({ title: "Tunnel address" }),
    ...cloudKeyProperties,
    envType: z.union([z.string(), z.number()]).optional().meta({ hidden: true }),
  })
  .superRefine((source, context) => {
    const require = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
    requireCloudKey(source, context);
    if (source.endpointMode === "Custom" && !source.endpoint) require("endpoint", "required with endpointMode Custom");
    if (!source.endpoint && !source.regionId) require("regionId", "required unless endpoint is given");
  });

/** Connection properties of a MaxCompute project. */
export type MaxcomputeSource = z.infer<typeof schema>;

/** The data source of MaxCompute. */
export const maxcomputeSource: SourceSpec<MaxcomputeSource> = {
  schema,
  secrets: cloudKeySecrets,
  borrows: borrowedRole,
};

/** Where the project's REST interface is, without a trailing slash. */
export function endpointOf({ endpoint, regionId }: MaxcomputeSource): string {
  return cutEnd(endpoint || `https://service.${regionId}.maxcompute.aliyun.com/api`, /\//);
}
