import { OssError } from "../errors.js";

/** S3's storage classes, by those of OSS that come near. */
export const storageClasses: Readonly<Record<string, string>> = {
  STANDARD: "Standard",
  STANDARD_IA: "IA",
  GLACIER_IR: "Archive",
  GLACIER: "ColdArchive",
  DEEP_ARCHIVE: "DeepColdArchive",
};

/** Headers whose meaning has no place in OSS; what they ask for must not be passed over. */
const unsupported = ["x-amz-tagging", "x-amz-website-redirect-location", "x-amz-object-lock-mode", "x-amz-grant-read"];

/** Headers that only speak of the way of sending. */
const ofSending = [
  /^x-amz-(?:content-sha256|date|security-token|user-agent|trailer|checksum|sdk-checksum)/,
  /^amz-sdk-/,
];

/**
 * A request's headers under the names that the operations know.
 *
 * @throws OssError NotImplemented, InvalidArgument
 */
export function headersOfS3(headers: Readonly<Record<string, string>>): Record<string, string> {
  const asked = unsupported.find((name) => name in headers);
  if (asked !== undefined || headers["x-amz-acl"]?.startsWith("public"))
    throw new OssError("NotImplemented", `The local cloud does not implement ${asked ?? "x-amz-acl"}.`);
  const translated: Record<string, string> = { "x-oss-range-behavior": "standard" };
  for (const [name, value] of Object.entries(headers)) {
    if (name === "x-amz-storage-class") translated["x-oss-storage-class"] = classOf(value);
    else if (name !== "content-encoding" && !ofSending.some((pattern) => pattern.test(name)))
      translated[name.replace(/^x-amz-/, "x-oss-")] = value;
  }
  return { ...translated, ...chunkless(headers) };
}

/** The length and encoding of what is meant, not of the chunks that carry it. */
function chunkless(headers: Readonly<Record<string, string>>): Record<string, string> {
  const length = headers["x-amz-decoded-content-length"];
  const encodings = (headers["content-encoding"] ?? "").split(",").map((one) => one.trim());
  const encoding = encodings.filter((one) => one !== "aws-chunked" && one !== "").join(",");
  return {
    ...(length === undefined ? {} : { "content-length": length }),
    ...(encoding === "" ? {} : { "content-encoding": encoding }),
  };
}

function classOf(name: string): string {
  const found = Object.hasOwn(storageClasses, name) ? storageClasses[name] : undefined;
  if (found !== undefined) return found;
  throw new OssError("InvalidArgument", "The storage class you specified is not valid.", {
    details: { ArgumentName: "x-amz-storage-class", ArgumentValue: name },
  });
}
