import { z } from "zod";
import type { JsonObject } from "../../model/json.js";
import type { InlineConnections, SourceSpec } from "../contract.js";
import { borrowedRole, cloudKeyProperties, requireCloudKey, takeByEndpoint } from "../network/cloud-key.js";
import { storedBeside } from "../network/database-source.js";
import { zoneProperty } from "../network/zone-property.js";
import { secretsOf } from "../params/describe.js";
import { flag } from "../params/fields.js";
import { param } from "../params/note.js";

const text = z.string().trim().optional();

const schema = z
  .strictObject({
    regionId: param(text, { help: "Region of the bucket, such as cn-hangzhou.", title: "Region" }),
    endpoint: param(
      text.refine((address) => !address || URL.canParse(withScheme(address)), {
        message: "expected an address such as https://oss-cn-hangzhou.aliyuncs.com",
      }),
      { help: "Address of the service; without it the public one of the region.", unless: ["regionId"] },
    ),
    // As the SDK takes them; others it refuses only once it is to send something.
    bucket: param(
      z
        .string()
        .trim()
        .regex(/^[a-z0-9_][a-z0-9_-]{1,61}[a-z0-9_]$/, "expected 3 to 63 lower-case letters, digits or -"),
      { help: "Name of the bucket." },
    ),
    ...cloudKeyProperties,
    cname: flag({ help: "The endpoint is a domain of your own that stands for the bucket.", default: false }),
    timeZone: zoneProperty.optional(),
    envType: storedBeside(z.union([z.string(), z.number()]).optional()),
  })
  .superRefine((source, context) => {
    requireCloudKey(source, context);
    if (!source.endpoint && !source.regionId) {
      context.addIssue({ code: "custom", path: ["endpoint"], message: "required unless regionId is given" });
    }
  });

/** Connection properties of an OSS bucket. */
export type OssSource = z.infer<typeof schema>;

const inlineKeys = ["endpoint", "bucket", "accessId", "accessKey", "securityToken", "cname"] as const;

/** The data source of OSS. */
export const ossSource: SourceSpec<OssSource> = {
  schema,
  secrets: secretsOf(schema),
  borrows: borrowedRole,
  fromInline,
  inlineKeys,
};

/** The endpoint with `https://` in front unless it names a scheme. */
export function withScheme(address: string): string {
  return /^https?:\/\//i.test(address) ? address : `https://${address}`;
}

/**
 * DataX carries the connection in the parameter. Its reader trims CSV cells unless told otherwise, which an empty
 * `csvReaderConfig` stands for; see the file reader's `trims`.
 */
function fromInline(given: JsonObject): InlineConnections | null {
  const taken = takeByEndpoint(given, inlineKeys);
  if (taken === null || taken.parameter.writeMode !== undefined) return taken;
  return { ...taken, parameter: { ...taken.parameter, csvReaderConfig: taken.parameter.csvReaderConfig ?? {} } };
}
