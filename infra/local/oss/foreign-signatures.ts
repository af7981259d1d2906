import { OssError } from "./errors.js";
import type { WireRequest } from "./wire-request.js";

/** Kinds of signature that other services or older clients make, by how the Authorization header begins. */
const byHeader: readonly (readonly [RegExp, string])[] = [
  [/^AWS4-ECDSA-P256-SHA256\b/i, "for S3 (AWS signature version 4A)"],
  [/^AWS\s/i, "for S3 (AWS signature version 2)"],
  [/^OSS2\s/, "with OSS signature version 2"],
];

/** The same for signed URLs, by a query parameter that only they have. */
const byParameter: readonly (readonly [string, string])[] = [
  ["awsaccesskeyid", "for S3 (AWS signature version 2, in the URL)"],
];

/**
 * Refuses a request whose signature is sound somewhere else, and says what it is: "signature does not match" would send its maker
 * looking for a wrong key.
 *
 * @throws OssError NotImplemented
 */
export function refuseForeignSignature({ headers, query }: WireRequest): void {
  const header = headers.authorization ?? "";
  const names = new Set(query.map(({ name }) => name.toLowerCase()));
  const versionTwo = query.some(({ name, value }) => name === "x-oss-signature-version" && value === "OSS2");
  const kind =
    byHeader.find(([pattern]) => pattern.test(header))?.[1] ??
    byParameter.find(([name]) => names.has(name))?.[1] ??
    (versionTwo ? "with OSS signature version 2, in the URL" : undefined);
  if (kind === undefined) return;
  throw new OssError(
    "NotImplemented",
    `The request is signed ${kind}. The local cloud verifies signatures of version 1 and 4 for OSS, and of version 4 for S3.`,
  );
}
