import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type SluiceError, TransientError, UserError } from "../model/errors.js";
import { retrying } from "../model/retry.js";
import { signAcs3 } from "./acs3.js";
import { type Credentials, type Environment, isLocalEndpoint } from "./environment.js";

/** A data key, plain for use now and wrapped for keeping. */
export interface DataKey {
  /** 32 bytes. */
  readonly key: Buffer;
  /** Base64, as KMS gave it. */
  readonly wrappedKey: string;
  readonly keyId: string;
}

/** The two operations of the Key Management Service that an envelope needs. */
export interface Kms {
  /**
   * @param context  bound to the wrapped key: unwrapping needs the same
   * @throws UserError ACCESS_DENIED or CONFIG_INVALID when KMS refuses, TransientError when it does not answer
   */
  generateDataKey(context: Readonly<Record<string, string>>): Promise<DataKey>;
  /** Unwraps a data key; errors as above. */
  decrypt(wrappedKey: string, context: Readonly<Record<string, string>>): Promise<Buffer>;
}

const VERSION = "2016-01-20";
const ATTEMPTS = 4;
const TIMEOUT_MS = 5000;

const generated = z.object({ KeyId: z.string(), Plaintext: z.base64(), CiphertextBlob: z.string().min(1) });
const decrypted = z.object({ Plaintext: z.base64() });
const refusal = z.object({ Code: z.string().default(""), Message: z.string().default("") });

/**
 * KMS over `fetch`.
 *
 * Source: Alibaba Cloud KMS, API reference 2016-01-20, "GenerateDataKey" and "Decrypt".
 * Not verified against the real service: only against a server that checks signatures as documented.
 */
export function createKms(env: Pick<Environment, "region" | "secrets">, credentials: Credentials): Kms {
  const { kmsKeyId, kmsEndpoint } = env.secrets;
  const endpoint = kmsEndpoint === "" ? `https://kms.${env.region}.aliyuncs.com` : kmsEndpoint;
  const url = new URL(endpoint);
  if (url.protocol !== "https:" && !isLocalEndpoint(endpoint))
    throw new UserError("CONFIG_INVALID", `SLUICE_KMS_ENDPOINT ${endpoint}: expected https`, {
      path: "SLUICE_KMS_ENDPOINT",
    });
  const call = (action: string, parameters: Record<string, string>) =>
    retried(() => callOnce({ url, action, parameters, credentials }));
  return {
    async generateDataKey(context) {
      const answer = await call("GenerateDataKey", {
        KeyId: kmsKeyId,
        KeySpec: "AES_256",
        EncryptionContext: JSON.stringify(context),
      });
      const { KeyId, Plaintext, CiphertextBlob } = parsed(generated, answer, "GenerateDataKey");
      return { keyId: KeyId, key: dataKey(Plaintext), wrappedKey: CiphertextBlob };
    },
    async decrypt(wrappedKey, context) {
      const parameters = { CiphertextBlob: wrappedKey, EncryptionContext: JSON.stringify(context) };
      return dataKey(parsed(decrypted, await call("Decrypt", parameters), "Decrypt").Plaintext);
    },
  };
}

interface OneCall {
  readonly url: URL;
  readonly action: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
}

async function callOnce({ url, action, parameters, credentials }: OneCall): Promise<unknown> {
  const date = new Date().toISOString().replace(/\.\d{3}Z$/, "Z");
  const call = { host: url.host, action, version: VERSION, parameters, date, nonce: randomUUID() };
  const { query, headers } = signAcs3(call, credentials);
  // `fetch` sets the host itself, to the same value.
  const { host, ...sent } = headers;
  const response = await fetch(`${url.origin}/?${query}`, {
    method: "POST",
    headers: sent,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new TransientError("SOURCE_BUSY", `KMS at ${url.host} does not answer ${action}`, { cause });
  });
  const body: unknown = await response.json().catch(() => ({}));
  if (!response.ok) throw refused(action, response.status, body);
  return body;
}

function refused(action: string, status: number, body: unknown): SluiceError {
  const { data = { Code: "", Message: "" } } = refusal.safeParse(body);
  const what = `KMS refused ${action}: ${data.Code || status}`;
  if (status >= 500 || status === 429 || data.Code.startsWith("Throttling"))
    return new TransientError("SOURCE_BUSY", what);
  if (data.Code.startsWith("Forbidden") || status === 403)
    return new UserError("ACCESS_DENIED", `${what}; the function's role needs kms:${action} on the key`);
  return new UserError("CONFIG_INVALID", `${what} ${data.Message}`.trim(), { path: "SLUICE_KMS_KEY_ID" });
}

function parsed<T>(schema: z.ZodType<T>, answer: unknown, action: string): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw new TransientError("SOURCE_BUSY", `KMS answered ${action} with something else than documented`);
}

function dataKey(base64: string): Buffer {
  const key = Buffer.from(base64, "base64");
  if (key.length === 32) return key;
  throw new UserError("CONFIG_INVALID", `the data key has ${key.length} bytes, expected 32`, {
    path: "SLUICE_KMS_KEY_ID",
  });
}

function retried<T>(call: () => Promise<T>): Promise<T> {
  return retrying(call, { attempts: ATTEMPTS, mayPass: (error) => error instanceof TransientError });
}
