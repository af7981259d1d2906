import { createHash, createHmac } from "node:crypto";

/** A call of an RPC-style API of Alibaba Cloud. */
export interface RpcCall {
  /** Host, with the port where it is not the scheme's own. */
  readonly host: string;
  readonly action: string;
  /** API version, such as `2016-01-20`. */
  readonly version: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** ISO time without milliseconds, UTC. */
  readonly date: string;
  /** Never used twice. */
  readonly nonce: string;
}

/** Who signs. */
export interface Signer {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Empty = a long-lived key. */
  readonly securityToken: string;
}

/** A signed request: POST `/?query` without a body. */
export interface SignedCall {
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Signs with ACS3-HMAC-SHA256.
 *
 * Source: Alibaba Cloud, "Request structure and signature V3"; checked against that page's worked example.
 */
export function signAcs3(call: RpcCall, signer: Signer): SignedCall {
  const query = Object.entries(call.parameters)
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .sort()
    .join("&");
  const headers: Record<string, string> = {
    host: call.host,
    "x-acs-action": call.action,
    "x-acs-content-sha256": sha256(""),
    "x-acs-date": call.date,
    ...(signer.securityToken === "" ? {} : { "x-acs-security-token": signer.securityToken }),
    "x-acs-signature-nonce": call.nonce,
    "x-acs-version": call.version,
  };
  const names = Object.keys(headers).sort();
  const canonicalHeaders = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const signedHeaders = names.join(";");
  const request = ["POST", "/", query, canonicalHeaders, signedHeaders, sha256("")].join("\n");
  const signature = createHmac("sha256", signer.accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(request)}`)
    .digest("hex");
  const authorization = `ACS3-HMAC-SHA256 Credential=${signer.accessKeyId},SignedHeaders=${signedHeaders},Signature=${signature}`;
  return { query, headers: { ...headers, authorization } };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** RFC 3986, which leaves fewer characters alone than `encodeURIComponent`. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
