import { UserError } from "../model/errors.js";
import { type ResourceGroups, readResourceGroups } from "./resource-groups.js";

/** Where our own metadata, objects and functions live. */
export interface Environment {
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  readonly tablestore: { readonly endpoint: string; readonly instance: string };
  readonly oss: { readonly endpoint: string; readonly bucket: string };
  /** Endpoint for invocations; empty = the account's own. */
  readonly fcEndpoint: string;
  readonly secrets: {
    /** Key that seals secrets: 32 bytes, base64; empty = none. */
    readonly masterKey: string;
    /** The key before, which still opens; empty = none. */
    readonly previousMasterKey: string;
    /** A production stage may seal with the key above. */
    readonly allowEnvironmentKey: boolean;
    /** KMS key that wraps data keys; empty = KMS is not used. */
    readonly kmsKeyId: string;
    /** Empty = the region's own. */
    readonly kmsEndpoint: string;
  };
  /** SHA-256 (hex) of the API's bearer token; empty = nobody gets in. */
  readonly apiTokenHash: string;
  /** vCPUs of this function, as s.yaml declares them: FC's context does not tell. */
  readonly vcpu: number;
  readonly resourceGroups: ResourceGroups;
  /** Create missing tables and buckets at the first request: for the local cloud, where nobody deploys. */
  readonly autoBootstrap: boolean;
}

/** Credentials of the function's role, as FC hands them to every invocation. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string;
}

/** The parts of FC's context that we use. */
export interface FcContext {
  readonly requestId: string;
  readonly credentials?: Partial<Credentials>;
  readonly function: { readonly name: string; readonly timeout: number; readonly memory: number };
  readonly region: string;
  readonly accountId: string;
}

/**
 * Reads the environment of a function.
 *
 * @throws UserError CONFIG_INVALID naming the variable that is missing
 */
export function readEnvironment(env: NodeJS.ProcessEnv, context: Pick<FcContext, "region" | "accountId">): Environment {
  const need = (name: string): string => {
    const value = env[name];
    if (value) return value;
    throw new UserError("CONFIG_INVALID", `environment variable ${name} is not set; s.yaml shows where it belongs`);
  };
  return {
    stage: env.SLUICE_STAGE ?? "dev",
    region: context.region,
    accountId: context.accountId,
    tablestore: { endpoint: need("SLUICE_OTS_ENDPOINT"), instance: need("SLUICE_OTS_INSTANCE") },
    oss: { endpoint: need("SLUICE_OSS_ENDPOINT"), bucket: need("SLUICE_OSS_BUCKET") },
    fcEndpoint: env.SLUICE_FC_ENDPOINT ?? "",
    secrets: {
      masterKey: env.SLUICE_MASTER_KEY ?? "",
      previousMasterKey: env.SLUICE_MASTER_KEY_PREVIOUS ?? "",
      allowEnvironmentKey: env.SLUICE_ALLOW_ENV_KEY === "1",
      kmsKeyId: env.SLUICE_KMS_KEY_ID ?? "",
      kmsEndpoint: env.SLUICE_KMS_ENDPOINT ?? "",
    },
    apiTokenHash: env.SLUICE_API_TOKEN_HASH ?? "",
    vcpu: Number(env.SLUICE_VCPU ?? "1"),
    resourceGroups: readResourceGroups(env.SLUICE_RESOURCE_GROUPS || "default=64"),
    autoBootstrap: env.SLUICE_AUTO_BOOTSTRAP === "1",
  };
}

/** Credentials of this invocation: the context's, which FC keeps fresh, else those of the environment. */
export function credentialsOf(context: FcContext, env: NodeJS.ProcessEnv): Credentials {
  return {
    accessKeyId: context.credentials?.accessKeyId ?? env.ALIBABA_CLOUD_ACCESS_KEY_ID ?? "",
    accessKeySecret: context.credentials?.accessKeySecret ?? env.ALIBABA_CLOUD_ACCESS_KEY_SECRET ?? "",
    securityToken: context.credentials?.securityToken ?? env.ALIBABA_CLOUD_SECURITY_TOKEN ?? "",
  };
}

/** True for `localhost` and IP literals: endpoints that take the bucket in the path and plain HTTP. */
export function isLocalEndpoint(endpoint: string): boolean {
  const host = new URL(endpoint).hostname;
  return host === "localhost" || /^[\d.]+$/.test(host) || host.startsWith("[");
}
