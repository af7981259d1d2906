import { randomUUID } from "node:crypto";
import { SluiceError } from "../../model/errors.js";
import type { CheckStep, CheckWish } from "../contract.js";
import { loginHint } from "../network/cloud-key.js";
import { type Fault, type Probe, reach, shakeHands, startProbe } from "../network/probe.js";
import { type Bucket, endpointOf, openBucket } from "./client.js";
import { toSluiceError } from "./failure.js";
import type { OssSource } from "./source.js";

const STEP_TIMEOUT_MS = 10_000;

/** Tests a bucket step by step: name, port, TLS, login and bucket by listing it. Stops at the first step that fails. */
export async function checkOss(
  source: OssSource,
  signal: AbortSignal,
  wish: CheckWish = {},
): Promise<readonly CheckStep[]> {
  const probe = startProbe(signal);
  const { hostname, port, protocol } = new URL(endpointOf(source));
  const isTls = protocol === "https:";
  const target = { host: hostname, port: Number(port || (isTls ? 443 : 80)) };
  if (!(await reach(probe, [target], STEP_TIMEOUT_MS))) return probe.steps;
  if (isTls && !(await shakeHands(probe, target))) return probe.steps;
  await checkBucket(probe, source, wish);
  return probe.steps;
}

/** One listing tells three things apart: who we are, whether the bucket is there, and whether we may read it. */
async function checkBucket(probe: Probe, source: OssSource, wish: CheckWish): Promise<void> {
  const bucket = await probe.settle(["login", "exists", "read"], {
    open: async () => {
      const opened = openBucket(source, probe.signal, { attempts: 1, timeoutMs: STEP_TIMEOUT_MS });
      for await (const _ of opened.list("", 1)) break;
      return opened;
    },
    late: () => {},
    explain: (error) => explain(error, source),
  });
  if (!bucket || !wish.write) return;
  await probe.run(
    "write",
    () => writeProbe(bucket),
    (error) => ({
      step: "write",
      message: messageOf(error, source),
      hint: "Grant oss:PutObject and oss:DeleteObject.",
    }),
  );
}

async function writeProbe(bucket: Bucket): Promise<string> {
  const key = `.sluice-connectivity-test-${randomUUID()}`;
  await bucket.put(key, Buffer.from("This object may be removed.\n"));
  await bucket.remove([key]);
  return `an object was written to bucket ${bucket.name} and removed again`;
}

function explain(error: unknown, source: OssSource): Fault {
  const mapped = mapOf(error, source);
  const { message } = mapped;
  if (mapped.code === "SOURCE_OBJECT_MISSING")
    return { step: "exists", message, hint: `There is no bucket ${source.bucket} at this endpoint; check both.` };
  if (mapped.code === "ACCESS_DENIED" && /\(AccessDenied\)/.test(message))
    return { step: "read", message, hint: "Grant oss:ListObjects and oss:GetObject on the bucket to this account." };
  if (mapped.code === "ACCESS_DENIED") return { step: "login", message, hint: loginHint(source) };
  return { step: "login", message, hint: mapped.hint };
}

function messageOf(error: unknown, source: OssSource): string {
  return mapOf(error, source).message;
}

function mapOf(error: unknown, source: OssSource): SluiceError {
  return error instanceof SluiceError ? error : toSluiceError(error, `bucket ${source.bucket}`);
}
