import { z } from "zod";
import type { SourceSpec } from "../contract.js";
import { borrowedRole, cloudKeyProperties, requireCloudKey, takeByEndpoint } from "../network/cloud-key.js";
import { storedBeside } from "../network/database-source.js";
import { zoneProperty } from "../network/zone-property.js";
import { secretsOf } from "../params/describe.js";
import { param } from "../params/note.js";

const endpoint = z
  .string()
  .trim()
  .min(1)
  .transform((text) => (/^https?:\/\//i.test(text) ? text : `https://${text}`))
  .refine((text) => URL.canParse(text), "expected an address such as https://instance.cn-hangzhou.ots.aliyuncs.com");

const schema = z
  .strictObject({
    regionId: param(z.string().optional(), { help: "Region of the instance; the endpoint decides.", title: "Region" }),
    endpoint: param(endpoint, {
      help: "Address of the instance, such as https://instance.cn-hangzhou.ots.aliyuncs.com.",
    }),
    instanceName: param(z.string().trim().min(1), { help: "Name of the instance.", title: "Instance" }),
    ...cloudKeyProperties,
    timeZone: zoneProperty.optional(),
    envType: storedBeside(z.union([z.string(), z.number()]).optional()),
  })
  .superRefine(requireCloudKey);

/** Connection properties of a Tablestore instance. */
export type OtsSource = z.infer<typeof schema>;

const inlineKeys = ["endpoint", "instanceName", "accessId", "accessKey", "securityToken"] as const;

/** The data source of Tablestore. */
export const otsSource: SourceSpec<OtsSource> = {
  schema,
  secrets: secretsOf(schema),
  borrows: borrowedRole,
  fromInline: (parameter) => takeByEndpoint(parameter, inlineKeys),
  inlineKeys,
};
