import { createHash, createHmac } from "node:crypto";
import { headerText, type QueryPart, type WireReading, type WireRequest } from "./wire-request.js";

/** What a version 4 signature says about itself. */
export interface ScopeV4 {
  /** `yyyymmdd` */
  readonly day: string;
  readonly region: string;
  readonly product: string;
  /** `yyyymmddThhmmssZ`, or HTTP's form where the request has a `Date` header in place of `x-oss-date` */
  readonly date: string;
  /** Lower-case names of further headers that are signed. */
  readonly additionalHeaders: readonly string[];
}

/** Above this many parameters with an empty value only the uniform spellings are tried. */
const MAX_AMBIGUOUS = 5;

/**
 * The texts that a version 4 signature may cover, the likeliest first. There are several because an empty parameter `k=` of the URL
 * may have been signed as `k`, as `k=` or not at all, and because clients sort names bytewise or by locale.
 */
export function* stringsToSignV4(request: WireRequest, reading: WireReading, scope: ScopeV4): Generator<string> {
  const seen = new Set<string>();
  for (const query of canonicalQueries(request.query.filter(({ name }) => name !== "x-oss-signature"))) {
    if (seen.has(query)) continue;
    seen.add(query);
    const hash = createHash("sha256")
      .update(canonicalRequest(request, reading, { scope, query }))
      .digest("hex");
    yield [
      "OSS4-HMAC-SHA256",
      scope.date,
      `${scope.day}/${scope.region}/${scope.product}/aliyun_v4_request`,
      hash,
    ].join("\n");
  }
}

/** The signing key of a day, region and product. */
export function signingKeyV4(secret: string, { day, region, product }: Omit<ScopeV4, "date">): Buffer {
  return [day, region, product, "aliyun_v4_request"].reduce<Buffer>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    Buffer.from(`aliyun_v4${secret}`),
  );
}

/** HMAC-SHA256 in hex, as version 4 wants it. */
export function signV4(key: Buffer, stringToSign: string): string {
  return createHmac("sha256", key).update(stringToSign).digest("hex");
}

function canonicalRequest(
  request: WireRequest,
  { bucket, key }: WireReading,
  { scope, query }: { scope: ScopeV4; query: string },
): string {
  const { headers } = request;
  const path = bucket === null ? "/" : `/${bucket}/${key ?? ""}`;
  const additional = new Set(scope.additionalHeaders);
  const signed = Object.keys(headers)
    .filter(
      (name) => name === "content-type" || name === "content-md5" || name.startsWith("x-oss-") || additional.has(name),
    )
    .sort()
    .map((name) => `${name}:${headerText(headers[name] ?? "").trim()}\n`);
  return [
    request.method,
    encodeStrictly(path).replaceAll("%2F", "/"),
    query,
    signed.join(""),
    scope.additionalHeaders.join(";"),
    headers["x-oss-content-sha256"] ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
}

function* canonicalQueries(parts: readonly QueryPart[]): Generator<string> {
  const orders = [
    [...parts].sort((left, right) => Buffer.compare(Buffer.from(left.name), Buffer.from(right.name))),
    [...parts].sort((left, right) => left.name.localeCompare(right.name)),
  ];
  for (const ordered of orders) {
    const forms = ordered.map(formsOf);
    const ambiguous = forms.filter((choices) => choices.length > 1).length;
    yield* ambiguous <= MAX_AMBIGUOUS ? combinations(forms) : uniform(forms);
  }
}

function formsOf({ name, value }: QueryPart): readonly string[] {
  const encoded = encodeStrictly(name);
  return value === "" ? [encoded, `${encoded}=`, ""] : [`${encoded}=${encodeStrictly(value)}`];
}

function* combinations(forms: readonly (readonly string[])[]): Generator<string> {
  const count = forms.reduce((product, choices) => product * choices.length, 1);
  for (let index = 0; index < count; index += 1) {
    let rest = index;
    const chosen = forms.map((choices) => {
      const form = choices[rest % choices.length] ?? "";
      rest = Math.floor(rest / choices.length);
      return form;
    });
    yield joined(chosen);
  }
}

function* uniform(forms: readonly (readonly string[])[]): Generator<string> {
  for (const choice of [0, 1, 2]) yield joined(forms.map((choices) => choices[choices.length > 1 ? choice : 0] ?? ""));
}

function joined(forms: readonly string[]): string {
  return forms.filter((form) => form !== "").join("&");
}

function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
