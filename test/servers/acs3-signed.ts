import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** A temporary key, or the one that asks for it. */
export interface StsKey {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string;
}

/** Recomputes the signature (ACS3-HMAC-SHA256) of an empty request from what arrived; its token must be signed, too. */
export function isSigned({ headers, method, url = "" }: IncomingMessage, own: StsKey): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const [, key, names = "", signature] =
    /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? "",
    ) ?? [];
  const signed = names.split(";");
  const needed = ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce"];
  if (key !== own.accessKeyId || ![...needed, "x-acs-security-token"].every((name) => signed.includes(name)))
    return false;
  const lines = signed.map((name) => `${name}:${headers[name]}\n`).join("");
  const request = [method, "/", url.slice(2), lines, names, hash("")].join("\n");
  const text = `ACS3-HMAC-SHA256\n${hash(request)}`;
  const age = Math.abs(Date.now() - Date.parse(String(headers["x-acs-date"])));
  const isRight = createHmac("sha256", own.accessKeySecret).update(text).digest("hex") === signature;
  return isRight && headers["x-acs-security-token"] === own.securityToken && age < 900_000;
}
