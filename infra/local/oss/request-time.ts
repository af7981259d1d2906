import { OssError } from "./errors.js";

/** The most that a request's date may differ from the machine's clock, ms. Source: OSS API reference, RequestTimeTooSkewed. */
const MAX_SKEW_MS = 15 * 60 * 1000;

/** Reads `yyyymmddThhmmssZ`. Epoch ms, NaN when it is no time. */
export function compactTime(text: string): number {
  const pattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  return pattern.test(text) ? Date.parse(text.replace(pattern, "$1-$2-$3T$4:$5:$6Z")) : Number.NaN;
}

/** Reads a date as `x-oss-date` or `Date` carry it: compact ISO or HTTP's. Epoch ms, NaN when it is neither. */
export function requestTime(text: string): number {
  const compact = compactTime(text);
  return Number.isNaN(compact) ? Date.parse(text) : compact;
}

/** `yyyymmddThhmmssZ` of a moment. */
export function compactText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** @throws OssError AccessDenied (no date), RequestTimeTooSkewed */
export function checkSkew(text: string, nowMs: number): void {
  const time = requestTime(text);
  if (Number.isNaN(time)) throw new OssError("AccessDenied", "OSS authentication requires a valid Date.");
  if (Math.abs(time - nowMs) <= MAX_SKEW_MS) return;
  throw new OssError(
    "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large.",
    {
      details: {
        MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
        RequestTime: text,
        ServerTime: new Date(nowMs).toISOString(),
      },
    },
  );
}

/** @throws OssError AccessDenied when the time of a signed URL is over */
export function checkExpiry(endMs: number, nowMs: number): void {
  if (nowMs <= endMs) return;
  throw new OssError("AccessDenied", "Request has expired.", {
    details: { Expires: new Date(endMs).toISOString(), ServerTime: new Date(nowMs).toISOString() },
  });
}
