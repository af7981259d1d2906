import { z } from "zod";
import { SluiceError, UserError } from "../../model/errors.js";
import type { JsonObject } from "../../model/json.js";
import type { InlineConnections } from "../contract.js";
import { param } from "../params/note.js";
import { assumeRole, type CloudKey } from "./assume-role.js";
import type { Fault } from "./probe.js";

const text = z.string().trim();

/** How a service of the cloud is logged in to, in the spelling of DataWorks; spread into a type's `z.strictObject`. */
export const cloudKeyProperties = {
  authType: param(z.enum(["Ak", "RamRole"]).default("Ak"), {
    help: "Ak = with the access key below; RamRole = with the role authIdentity, or without one that of the function.",
    title: "Authentication",
  }),
  accessId: param(text.optional(), { help: "Id of the access key; needed with authType Ak.", title: "Access id" }),
  accessKey: param(text.optional(), {
    help: "Secret of the access key; needed with authType Ak.",
    title: "Access key",
    secret: true,
  }),
  securityToken: param(text.optional(), { help: "Goes with a temporary access key.", secret: true }),
  authIdentity: param(
    text
      .refine((arn) => arn === "" || /^acs:ram::\d+:role\/[A-Za-z0-9.@_-]{1,64}$/.test(arn), {
        message: "expected the ARN of a role, such as acs:ram::1234567890123456:role/sluice-source-lake",
      })
      .optional(),
    {
      help: "ARN of the role to assume, such as acs:ram::1234567890123456:role/sluice-source-lake.",
      title: "Role to assume (ARN)",
    },
  ),
  // Whoever knows a role's external id could use the role in another workspace.
  externalId: param(
    text
      .refine((id) => id === "" || /^[A-Za-z0-9+=,.@:/_-]{2,1224}$/.test(id), {
        message: "expected 2 to 1224 letters, digits or +=,.@:/_-",
      })
      .optional(),
    { help: "What the role's trust policy asks for.", title: "External id of the role", secret: true },
  ),
};

/** The property that asks for a role in place of a key; see `SourceSpec.borrows`. */
export function borrowedRole({ authType }: JsonObject): string | null {
  return authType === "RamRole" ? "authType" : null;
}

const given = z.object(cloudKeyProperties);

/** How a service of the cloud is logged in to, parsed. */
export type CloudLogin = z.output<typeof given>;

/** For the `superRefine` of a type's schema: what is missing becomes issues of the context. */
export function requireCloudKey(source: CloudLogin, context: z.RefinementCtx): void {
  const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
  if (source.authType === "RamRole") return;
  if (!source.accessId) refuse("accessId", "required unless authType is RamRole");
  if (!source.accessKey) refuse("accessKey", "required unless authType is RamRole");
  if (source.authIdentity) refuse("authIdentity", "goes with authType RamRole");
}

/**
 * Takes the connection out of a DataX parameter that carries one: an endpoint, and no data source.
 *
 * @param keys  of the parameter that are properties of the connection, under the same names
 */
export function takeByEndpoint(parameter: JsonObject, keys: readonly string[]): InlineConnections | null {
  if (parameter.datasource !== undefined || parameter.endpoint === undefined) return null;
  const entries = Object.entries(parameter);
  const properties = Object.fromEntries(entries.filter(([name]) => keys.includes(name)));
  const rest = Object.fromEntries(entries.filter(([name]) => !keys.includes(name)));
  return { sources: { inline_1: properties }, parameter: { datasource: "inline_1", ...rest } };
}

/**
 * Where a client gets its key from. To be asked before every call: the key of a role changes while a client lives.
 *
 * @param target  the bucket or instance, by every name that the data source gives it
 * @throws UserError ACCESS_DENIED when a role is wanted and this function has none, or the target is Sluice's own: the
 *   function's role opens it, whichever workspace asks; what it returns rejects as `assumeRole`
 */
export function keyGiver(
  source: CloudLogin,
  env: NodeJS.ProcessEnv = process.env,
  target: readonly string[] = [],
): () => Promise<CloudKey> {
  if (source.authType === "Ak") {
    const { accessId: accessKeyId = "", accessKey: accessKeySecret = "", securityToken = "" } = source;
    return async () => ({ accessKeyId, accessKeySecret, securityToken });
  }
  const own = () => ownKey(env);
  own();
  const { authIdentity: roleArn, externalId = "" } = source;
  if (!roleArn) refuseOwn(target, env);
  return roleArn ? () => assumeRole({ roleArn, externalId }, { own, env }) : async () => own();
}

function refuseOwn(target: readonly string[], env: NodeJS.ProcessEnv): void {
  const own = [env.SLUICE_OTS_INSTANCE, env.SLUICE_OSS_BUCKET].map((name) => name?.toLowerCase());
  const found = target.find((name) => name !== "" && own.includes(name.toLowerCase()));
  if (found === undefined) return;
  throw new UserError(
    "ACCESS_DENIED",
    `${found} holds what Sluice itself keeps: the function's own role does not serve`,
  );
}

/** What to do when the login is refused. */
export function loginHint({ authType, authIdentity }: CloudLogin): string {
  if (authType === "Ak") return "Check accessId, accessKey and, for temporary keys, securityToken.";
  if (!authIdentity) return "Grant what is needed to the role of the function that connects.";
  return "Check authIdentity and externalId: the role must trust the function's role, and that one needs sts:AssumeRole on it.";
}

/** The failed login in a connectivity test when there was no key to log in with; null = the error is another one. */
export function noLogin(error: unknown, source: CloudLogin): Fault | null {
  if (!(error instanceof SluiceError) || error.code !== "ACCESS_DENIED") return null;
  return { step: "login", message: error.message, hint: loginHint(source) };
}

function ownKey(env: NodeJS.ProcessEnv): CloudKey {
  const { ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret } = env;
  if (accessKeyId && accessKeySecret)
    return { accessKeyId, accessKeySecret, securityToken: env.ALIBABA_CLOUD_SECURITY_TOKEN ?? "" };
  throw new UserError(
    "ACCESS_DENIED",
    "authType RamRole: this function has no role; give it one, or use an access key",
  );
}
