import { isIP } from "node:net";
import { z } from "zod";
import type { SourceSpec } from "../contract.js";
import { borrowedRole, cloudKeyProperties, requireCloudKey } from "../network/cloud-key.js";
import { storedBeside } from "../network/database-source.js";
import { zoneProperty } from "../network/zone-property.js";
import { secretsOf } from "../params/describe.js";
import { flag } from "../params/fields.js";
import { param } from "../params/note.js";

const text = z.string().trim().optional();

const schema = z
  .strictObject({
    regionId: param(
      text.refine((region) => !region || /^[a-z0-9-]{1,40}$/i.test(region), {
        message: "expected the name of a region, such as eu-central-1",
      }),
      {
        help: "Region that requests are signed for; without it that of the endpoint's name, or us-east-1.",
        title: "Region",
      },
    ),
    endpoint: param(
      text.refine((address) => !address || URL.canParse(withScheme(address)), {
        message: "expected an address such as https://s3.eu-central-1.amazonaws.com or http://minio.example:9000",
      }),
      { help: "Address of the store; without it Amazon's own in the region.", unless: ["regionId"] },
    ),
    bucket: param(
      z
        .string()
        .trim()
        .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "expected 3 to 63 lower-case letters, digits, dots or -"),
      { help: "Name of the bucket." },
    ),
    ...cloudKeyProperties,
    pathStyle: flag({
      help: "The bucket stands in the path, not in the host's name; without it so wherever the cloud does not ask for the name.",
      title: "Bucket in the path",
    }),
    timeZone: zoneProperty.optional(),
    envType: storedBeside(z.union([z.string(), z.number()]).optional()),
  })
  .superRefine((source, context) => {
    requireCloudKey(source, context);
    if (!source.endpoint && !source.regionId)
      context.addIssue({ code: "custom", path: ["endpoint"], message: "required unless regionId is given" });
  });

/** Connection properties of a bucket of S3, or of a store that speaks as S3 does. */
export type S3Source = z.infer<typeof schema>;

/** The data source of S3. */
export const s3Source: SourceSpec<S3Source> = { schema, secrets: secretsOf(schema), borrows: borrowedRole };

/** The address that calls go to, with its scheme. */
export function s3EndpointOf({ endpoint, regionId }: Pick<S3Source, "endpoint" | "regionId">): string {
  const domain = /^cn-/.test(regionId ?? "") ? "amazonaws.com.cn" : "amazonaws.com";
  return withScheme(endpoint || `s3.${regionId}.${domain}`);
}

/** The region to sign for: the one that is given, else the one in the endpoint's name. */
export function regionOf(source: Pick<S3Source, "endpoint" | "regionId">): string {
  const { hostname } = new URL(s3EndpointOf(source));
  const named = /(?:^|[.-])(?:oss-)?([a-z]{2}-[a-z-]+(?:-\d+)?)\.(?:amazonaws|aliyuncs)\./;
  return source.regionId || named.exec(hostname.replace("-internal.", "."))?.[1] || "us-east-1";
}

/** Clouds that want the bucket in the host's name; a dot in its own name would break the certificate's. */
export function usesPathStyle({ pathStyle, bucket, ...source }: S3Source): boolean {
  const { hostname } = new URL(s3EndpointOf(source));
  const wantsName = /\.(?:amazonaws\.com(?:\.cn)?|aliyuncs\.com|myqcloud\.com|myhuaweicloud\.com|volces\.com)$/.test(
    hostname,
  );
  return pathStyle ?? (!wantsName || bucket.includes(".") || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0);
}

function withScheme(address: string): string {
  return /^https?:\/\//i.test(address) ? address : `https://${address}`;
}
