import type { Received } from "./contents.js";
import type { Summed } from "./crc64.js";
import { invalidArgument, OssError } from "./errors.js";
import type { ObjectRow } from "./rows.js";

type Headers = Readonly<Record<string, string>>;

/** Encryption is only remembered: what lies on this machine's disk is not encrypted by the service. */
const encryptionHeaders = ["x-oss-server-side-encryption", "x-oss-server-side-encryption-key-id"];
const encryptions = ["AES256", "KMS", "SM4"];

const kept = [
  "content-type",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
  ...encryptionHeaders,
];
const storageClasses = ["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"];
/** Largest sum of the names and values of the user's own metadata, bytes. */
const MAX_META = 8 * 1024;

/**
 * The request headers that an object keeps and gives back.
 *
 * @throws OssError InvalidArgument when the user metadata exceeds 8 KiB, InvalidEncryptionAlgorithmError
 */
export function keptHeaders(headers: Headers): Record<string, string> {
  const result: Record<string, string> = { "content-type": "application/octet-stream" };
  let metaBytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    const isMeta = name.startsWith("x-oss-meta-");
    if (isMeta) metaBytes += name.length + value.length;
    if (isMeta || kept.includes(name)) result[name] = headerValue(name, value);
  }
  const encryption = result["x-oss-server-side-encryption"];
  if (encryption !== undefined && !encryptions.includes(encryption)) {
    const message = "The encryption request you specified is not valid. Supported value: AES256/KMS/SM4.";
    throw new OssError("InvalidEncryptionAlgorithmError", message);
  }
  if (metaBytes > MAX_META)
    throw new OssError("InvalidArgument", "Your metadata headers exceed the maximum allowed metadata size.");
  return result;
}

/**
 * A value that can be given back as a header: the lenient parser lets more in than an answer may hold.
 *
 * @throws OssError InvalidArgument when it has control characters
 */
export function headerValue(name: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to find
  if (!/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) return value;
  throw invalidArgument(name, "", `The value of ${name} has control characters.`);
}

/** The storage class of a header or document, or the given one. @throws OssError InvalidArgument */
export function storageClassOf(text: string | undefined, fallback: string): string {
  if (text === undefined || storageClasses.includes(text)) return text ?? fallback;
  throw invalidArgument("x-oss-storage-class", text, "The storage class is not one that OSS knows.");
}

/** The headers of a get or head of an object, without its length. */
export function objectHeaders(row: ObjectRow): Record<string, string> {
  return {
    ...row.headers,
    "accept-ranges": "bytes",
    etag: `"${row.eTag}"`,
    "last-modified": new Date(row.modified).toUTCString(),
    "x-oss-object-type": row.type,
    "x-oss-storage-class": row.storageClass,
    ...crcHeader(row),
    ...(row.type === "Appendable" ? { "x-oss-next-append-position": String(row.size) } : {}),
  };
}

/** Those of an object's headers that answers to a write repeat. */
export function writtenHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => encryptionHeaders.includes(name)));
}

/** The checksum that clients compare with their own; nothing for an object that was stored before sums were kept. */
export function crcHeader({ crc64 }: Summed): Record<string, string> {
  return crc64 === undefined ? {} : { "x-oss-hash-crc64ecma": crc64 };
}

/** Hex MD5 as ETags show it. */
export function eTagOf(md5: Buffer): string {
  return md5.toString("hex").toUpperCase();
}

/**
 * Compares a body with the Content-MD5 header.
 *
 * @throws OssError InvalidDigest when the header is no MD5 or another one
 */
export function checkDigest(headers: Headers, { md5 }: Pick<Received, "md5">): void {
  const given = headers["content-md5"];
  if (given === undefined || Buffer.from(given, "base64").equals(md5)) return;
  throw new OssError("InvalidDigest", "The Content-MD5 you specified was invalid.", {
    details: { "Content-MD5": given },
  });
}

/**
 * Checks the length that a body announces.
 *
 * @throws OssError MissingContentLength (neither a length nor chunks), EntityTooLarge
 */
export function checkLength(headers: Headers, maxBytes: number): void {
  const length = headers["content-length"];
  if (length === undefined && headers["transfer-encoding"] === undefined) {
    throw new OssError("MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  if (Number(length ?? 0) > maxBytes) {
    throw new OssError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.", {
      details: { MaxSizeAllowed: String(maxBytes) },
    });
  }
}
