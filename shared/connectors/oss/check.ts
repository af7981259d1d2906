import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { SluiceError } from "../../model/errors.js";
import type { CheckStep } from "../contract.js";
import { endpointOf, openBucket } from "./client.js";
import { toSluiceError } from "./failure.js";
import type { OssSource } from "./source.js";

const STEP_TIMEOUT_MS = 10_000;

/** Tests a bucket step by step: name, port, login and bucket by listing it. Stops at the first step that fails. */
export async function checkOss(source: OssSource, signal: AbortSignal): Promise<readonly CheckStep[]> {
  const { hostname, port, protocol } = new URL(endpointOf(source));
  const host = hostname.replace(/^\[|\]$/g, "");
  const portNumber = Number(port || (protocol === "https:" ? 443 : 80));
  const steps: CheckStep[] = [];
  const found = await step(
    steps,
    "resolve",
    async () => `${host} is ${(await lookup(host)).address}`,
    `${host} cannot be resolved; check endpoint`,
  );
  if (!found) return steps;
  const reached = await step(
    steps,
    "connect",
    () => knock(host, portNumber, signal),
    `nobody answers at ${host}:${portNumber}; check endpoint and network`,
  );
  if (reached) await checkBucket(steps, source, signal);
  return steps;
}

async function step(
  steps: CheckStep[],
  name: CheckStep["name"],
  run: () => Promise<string>,
  failed: string,
): Promise<boolean> {
  const startedAt = Date.now();
  const [ok, message] = await run().then(
    (text) => [true, text] as const,
    () => [false, failed] as const,
  );
  steps.push({ name, ok, durationMs: Date.now() - startedAt, message });
  return ok;
}

function knock(host: string, port: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: STEP_TIMEOUT_MS, signal });
    socket.once("connect", () => {
      socket.destroy();
      resolve(`${host}:${port} answers`);
    });
    socket.once("timeout", () => socket.destroy(new Error("timeout")));
    socket.once("error", reject);
  });
}

/** One listing tells three things apart: who we are, whether the bucket is there, and whether we may read it. */
async function checkBucket(steps: CheckStep[], source: OssSource, signal: AbortSignal): Promise<void> {
  const startedAt = Date.now();
  const failure = await listOne(source, signal);
  const durationMs = Date.now() - startedAt;
  const code = failure === null ? null : failure.code;
  const reason = failure?.message ?? "";
  const isLogin = code === "ACCESS_DENIED" && !/\(AccessDenied\)/.test(reason);
  const isUnclear = code !== null && code !== "ACCESS_DENIED" && code !== "SOURCE_OBJECT_MISSING";
  if (isLogin || isUnclear) {
    steps.push({ name: "login", ok: false, durationMs, message: `${reason}; check accessId and accessKey` });
    return;
  }
  steps.push({ name: "login", ok: true, durationMs, message: "the access key is accepted" });
  const exists = code !== "SOURCE_OBJECT_MISSING";
  const { bucket } = source;
  steps.push({
    name: "exists",
    ok: exists,
    durationMs: 0,
    message: exists ? `bucket ${bucket} is there` : `there is no bucket ${bucket}; check bucket and endpoint`,
  });
  if (!exists) return;
  const message =
    failure === null ? `bucket ${bucket} can be listed` : `bucket ${bucket} may not be listed; grant oss:ListObjects`;
  steps.push({ name: "read", ok: failure === null, durationMs: 0, message });
}

async function listOne(source: OssSource, signal: AbortSignal): Promise<SluiceError | null> {
  try {
    const bucket = openBucket(source, signal, { attempts: 1, timeoutMs: STEP_TIMEOUT_MS });
    for await (const _ of bucket.list("", 1)) break;
    return null;
  } catch (cause) {
    return cause instanceof SluiceError ? cause : toSluiceError(cause, `bucket ${source.bucket}`);
  }
}
