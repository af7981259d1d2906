import type OSS from "ali-oss";
import { TransientError } from "../model/errors.js";
import { retrying } from "../model/retry.js";
import { type Credentials, type Environment, isLocalEndpoint } from "./environment.js";

/** Our own bucket: dirty records and logs of runs. */
export interface Objects {
  put(key: string, body: Buffer): Promise<void>;
  /** The object's bytes; undefined when it does not exist. */
  get(key: string): Promise<Buffer | undefined>;
  /** Keys with a prefix in order, from `after` (exclusive) on, at most `limit` (1 to 1,000). */
  list(prefix: string, after: string, limit: number): Promise<readonly string[]>;
  remove(keys: readonly string[]): Promise<void>;
  /** Creates the bucket if it does not exist. */
  ensureBucket(): Promise<void>;
}

/** Objects over `ali-oss`, whose code is loaded at the first call. */
export function createObjects(env: Environment, credentials: Credentials): Objects {
  let opening: Promise<OSS> | undefined;
  const client = (): Promise<OSS> => {
    opening ??= openObjectClient(env, credentials);
    return opening;
  };
  return {
    put: (key, body) => retried(async () => void (await (await client()).put(key, body))),
    get: (key) =>
      retried(async () => {
        try {
          return (await (await client()).get(key)).content as Buffer;
        } catch (error) {
          if (codeOf(error) === "NoSuchKey") return undefined;
          throw error;
        }
      }),
    list: (prefix, after, limit) =>
      retried(async () => {
        const query = { prefix, "start-after": after, "max-keys": String(limit) };
        const found = await (await client()).listV2(query, {});
        return (found.objects ?? []).map((object) => object.name);
      }),
    async remove(keys) {
      for (let at = 0; at < keys.length; at += 1000) {
        const some = keys.slice(at, at + 1000);
        await retried(async () => void (await (await client()).deleteMulti([...some], { quiet: true })));
      }
    },
    ensureBucket: () => retried(async () => void (await (await client()).putBucket(env.oss.bucket))),
  };
}

/** A client of OSS as our functions use it; the SDK is loaded by this call. */
export async function openObjectClient(env: Environment, credentials: Credentials): Promise<OSS> {
  const { default: Client } = await import("ali-oss");
  const local = isLocalEndpoint(env.oss.endpoint);
  const options = {
    endpoint: env.oss.endpoint,
    region: `oss-${env.region}`,
    bucket: env.oss.bucket,
    accessKeyId: credentials.accessKeyId,
    accessKeySecret: credentials.accessKeySecret,
    ...(credentials.securityToken ? { stsToken: credentials.securityToken, refreshSTSTokenInterval: 2 ** 30 } : {}),
    secure: !local,
    sldEnable: local,
    authorizationV4: true,
    timeout: 30_000,
  };
  // `sldEnable` is missing from the SDK's declarations.
  return new Client(options as ConstructorParameters<typeof Client>[0]);
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

async function retried<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await retrying(call, { attempts: 5, mayPass: isPassing });
  } catch (cause) {
    if (!isPassing(cause)) throw cause;
    throw new TransientError("SOURCE_BUSY", `our bucket does not answer: ${codeOf(cause)}`, { cause });
  }
}

function isPassing(error: unknown): boolean {
  const status = typeof error === "object" && error !== null && "status" in error ? Number(error.status) : 0;
  return status < 0 || status >= 500 || status === 429;
}
