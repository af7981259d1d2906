import { createHmac } from "node:crypto";
import type { CloudKey } from "../network/assume-role.js";

/** What is signed of a request. Header names in lower case. */
export interface SignedRequest {
  readonly method: string;
  /** Path below the endpoint, such as `/projects/shop/tables`. */
  readonly resource: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The `Authorization` header of MaxCompute's REST interface: HMAC-SHA1 over method, content headers, date, `x-odps-*`
 * headers and the resource with its sorted parameters.
 *
 * Source: behaviour of the public PyODPS client. NOT verified against the real service: the tests check both halves, this one
 * and a server that computes the same from the request it received, against each other only.
 */
export function authorization({ accessKeyId, accessKeySecret }: CloudKey, request: SignedRequest): string {
  const signature = createHmac("sha1", accessKeySecret).update(textToSign(request), "utf8").digest("base64");
  return `ODPS ${accessKeyId}:${signature}`;
}

/** One line each: method, then the signed headers in the order of their names, then the resource. */
export function textToSign({ method, resource, query, headers }: SignedRequest): string {
  const signed: Record<string, string> = { "content-md5": "", "content-type": "" };
  for (const [name, value] of Object.entries(headers))
    if (/^(content-md5|content-type|date|x-odps-.*)$/.test(name)) signed[name] = value;
  const lines = Object.keys(signed)
    .sort()
    .map((name) => (name.startsWith("x-odps-") ? `${name}:${signed[name]}` : signed[name]));
  const parameters = Object.entries(query)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`));
  return [method, ...lines, parameters.length > 0 ? `${resource}?${parameters.join("&")}` : resource].join("\n");
}
