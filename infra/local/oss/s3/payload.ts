import { createHash } from "node:crypto";
import { OssError } from "../errors.js";
import type { WireRequest } from "../wire-request.js";
import { type Checksum, checksumOf } from "./checksums.js";
import { chunksOf, type Trailers } from "./chunked-body.js";
import type { VerifiedS3 } from "./signature.js";

/**
 * The body of a request as it is meant: chunks taken apart, and compared with what was signed and with each checksum that the
 * request names, in a header or behind the body. What does not agree fails the body's reading at its end.
 * Source: Amazon S3 API reference, "Signature Calculations: Transferring Payload in Multiple Chunks", with and without trailers.
 *
 * @param checksCover  false where `x-amz-checksum-…` speaks of something else than this body
 * @throws OssError NotImplemented for a way to sign a body, or a checksum, that is not known
 */
export function payloadOf(
  request: WireRequest,
  body: AsyncIterable<Buffer>,
  { verified, checksCover }: { verified: VerifiedS3; checksCover: boolean },
): AsyncIterable<Buffer> {
  const { headers } = request;
  const said = headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD";
  const trailers: Trailers = new Map();
  const isChunked = said.startsWith("STREAMING-");
  const plain = isChunked ? chunksOf(body, { how: said, verified, trailers }) : body;
  const wanted = /^[0-9a-f]{64}$/i.test(said) ? said.toLowerCase() : null;
  if (!isChunked && wanted === null && said !== "UNSIGNED-PAYLOAD") throw unknownWay(said);
  const named = checksCover ? checksumsNamed(headers) : [];
  return compared(plain, { wanted, named, givenOf: (name) => headers[name] ?? trailers.get(name) });
}

/** The names of all checksums that a request announces, as headers or trailers. */
function checksumsNamed(headers: Readonly<Record<string, string>>): { name: string; sum: Checksum }[] {
  const trailing = (headers["x-amz-trailer"] ?? "").toLowerCase().split(",");
  const names = [...Object.keys(headers), ...trailing.map((name) => name.trim())];
  return names.flatMap((name) => {
    const algorithm = /^x-amz-checksum-(?!algorithm$|type$|mode$)(.+)$/.exec(name)?.[1];
    if (algorithm === undefined) return [];
    const sum = checksumOf(algorithm);
    if (sum === undefined) throw unknownWay(name);
    return [{ name, sum }];
  });
}

interface Comparison {
  /** SHA-256 of the body in hex; null = not signed. */
  readonly wanted: string | null;
  readonly named: readonly { readonly name: string; readonly sum: Checksum }[];
  givenOf(name: string): string | undefined;
}

async function* compared(body: AsyncIterable<Buffer>, { wanted, named, givenOf }: Comparison): AsyncIterable<Buffer> {
  const hash = wanted === null ? null : createHash("sha256");
  for await (const piece of body) {
    hash?.update(piece);
    for (const { sum } of named) sum.update(piece);
    yield piece;
  }
  if (hash !== null && hash.digest("hex") !== wanted)
    throw new OssError("SignatureDoesNotMatch", "The provided 'x-amz-content-sha256' header does not match the body.");
  for (const { name, sum } of named) {
    if (sum.digest() === givenOf(name)) continue;
    throw new OssError("InvalidDigest", `The ${name} you specified did not match what we received.`);
  }
}

function unknownWay(what: string): OssError {
  return new OssError("NotImplemented", `The local cloud does not implement ${what}.`);
}
