import { randomUUID } from "node:crypto";
import { SluiceError } from "../../model/errors.js";
import type { CheckOptions, CheckStep } from "../contract.js";
import { type CloudLogin, loginHint } from "../network/cloud-key.js";
import { type Fault, reachEndpoint, startProbe } from "../network/probe.js";
import type { Bucket } from "./bucket.js";
import type { OpenOptions } from "./file-origin.js";

const STEP_TIMEOUT_MS = 10_000;

/** What a system brings so that its buckets can be tested. */
export interface CheckedBucket {
  readonly source: CloudLogin & { readonly bucket: string };
  /** Where calls go to, with its scheme. */
  readonly endpoint: string;
  open(options: OpenOptions): Bucket;
  explain(error: unknown, what: string): SluiceError;
  /** What reading and writing take, for hints. */
  readonly rights: { readonly read: string; readonly write: string };
}

/** Tests a bucket step by step: name, port, TLS, login and bucket by listing it. Stops at the first step that fails. */
export async function checkBucket(
  checked: CheckedBucket,
  signal: AbortSignal,
  asked: CheckOptions = {},
): Promise<readonly CheckStep[]> {
  const probe = startProbe(signal);
  if (!(await reachEndpoint(probe, checked.endpoint))) return probe.steps;
  // One listing tells three things apart: who we are, whether the bucket is there, and whether we may read it.
  const bucket = await probe.settle(["login", "exists", "read"], {
    open: async () => {
      const opened = checked.open({ attempts: 1, timeoutMs: STEP_TIMEOUT_MS });
      for await (const _ of opened.list("", 1)) break;
      return opened;
    },
    late: () => {},
    explain: (error) => faultOf(error, checked),
  });
  if (!bucket || !asked.write) return probe.steps;
  const hint = `Grant ${checked.rights.write}.`;
  const explain = (error: unknown): Fault => ({ step: "write", message: mapOf(error, checked).message, hint });
  await probe.run("write", () => writeProbe(bucket), explain);
  return probe.steps;
}

async function writeProbe(bucket: Bucket): Promise<string> {
  const key = `.sluice-connectivity-test-${randomUUID()}`;
  await bucket.put(key, Buffer.from("This object may be removed.\n"));
  await bucket.remove([key]);
  return `an object was written to ${bucket.label} and removed again`;
}

function faultOf(error: unknown, checked: CheckedBucket): Fault {
  const { source, rights } = checked;
  const { message, code, hint } = mapOf(error, checked);
  if (code === "SOURCE_OBJECT_MISSING")
    return { step: "exists", message, hint: `There is no bucket ${source.bucket} at this endpoint; check both.` };
  if (code === "ACCESS_DENIED" && /\(AccessDenied\)/.test(message))
    return { step: "read", message, hint: `Grant ${rights.read} on the bucket to this account.` };
  if (code === "ACCESS_DENIED") return { step: "login", message, hint: loginHint(source) };
  return { step: "login", message, hint };
}

function mapOf(error: unknown, { source, explain }: CheckedBucket): SluiceError {
  return error instanceof SluiceError ? error : explain(error, `bucket ${source.bucket}`);
}
