import type { OssReply } from "../reply.js";
import { storageClasses } from "./headers.js";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** What an operation of OSS answers, as S3 says it: the documents differ in little, headers in their prefix. */
export function replyOfS3({ status, headers = {}, body = "" }: OssReply, operation: string): OssReply {
  if (operation === "DeleteMultipleObjects" && body === "")
    return {
      status,
      headers: { "content-type": "application/xml" },
      body: documentOf("<DeleteResult></DeleteResult>"),
    };
  const translated = Object.fromEntries(Object.entries(headers).flatMap(headerOf));
  return { status, headers: translated, body: typeof body === "string" ? documentOf(body) : body };
}

function headerOf([name, value]: [string, string]): [string, string][] {
  if (name === "etag") return [[name, value.toLowerCase()]];
  if (name === "x-oss-storage-class") return [["x-amz-storage-class", className(value)]];
  // The type of an object and its sum are OSS's own.
  if (name === "x-oss-object-type" || name === "x-oss-hash-crc64ecma" || name === "content-md5") return [];
  return [[name.replace(/^x-oss-/, "x-amz-"), value]];
}

function documentOf(xml: string): string {
  return xml
    .replace(
      /^(<\?xml[^>]*>\s*)?<(\w+)>/,
      (_, declaration = "", root) => `${declaration}<${root} xmlns="${NAMESPACE}">`,
    )
    .replace(/<ETag>[^<]*/g, (text) => text.slice(0, "<ETag>".length) + text.slice("<ETag>".length).toLowerCase())
    .replace(/<StorageClass>([^<]*)/g, (_, name) => `<StorageClass>${className(name)}`);
}

function className(ours: string): string {
  return Object.keys(storageClasses).find((name) => storageClasses[name] === ours) ?? "STANDARD";
}
