import { z } from "zod";
import type { SourceSpec } from "../contract.js";
import {
  borrowedRole,
  cloudKeyProperties,
  cloudKeySecrets,
  requireCloudKey,
  takeByEndpoint,
} from "../network/cloud-key.js";
import { zoneProperty } from "../network/zone-property.js";

const endpoint = z
  .string()
  .trim()
  .min(1)
  .transform((text) => (/^https?:\/\//i.test(text) ? text : `https://${text}`))
  .refine((text) => URL.canParse(text), "expected an address such as https://instance.cn-hangzhou.ots.aliyuncs.com");

const schema = z
  .strictObject({
    regionId: z.string().optional(),
    endpoint,
    instanceName: z.string().trim().min(1),
    ...cloudKeyProperties,
    /** Zone of dates without one. */
    timeZone: zoneProperty.optional(),
    envType: z.union([z.string(), z.number()]).optional().meta({ hidden: true }),
  })
  .superRefine(requireCloudKey);

/** Connection properties of a Tablestore instance. */
export type OtsSource = z.infer<typeof schema>;

const inlineKeys = ["endpoint", "instanceName", "accessId", "accessKey", "securityToken"] as const;

/** The data source of Tablestore. */
export const otsSource: SourceSpec<OtsSource> = {
  schema,
  secrets: cloudKeySecrets,
  borrows: borrowedRole,
  fromInline: (parameter) => takeByEndpoint(parameter, inlineKeys),
  inlineKeys,
};
