import type { OssError } from "./errors.js";
import { document, element } from "./xml.js";

/** What an operation answers; the front adds request id and date. */
export interface OssReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream needs a content-length header. */
  readonly body?: string | AsyncIterable<Buffer>;
}

/** 200 with an XML body. */
export function ossXmlReply(xml: string, headers: Readonly<Record<string, string>> = {}): OssReply {
  return { status: 200, headers: { "content-type": "application/xml", ...headers }, body: xml };
}

/** A refusal. Without a body (HEAD, 304) clients find the same XML in a header. */
export function ossErrorReply(
  error: OssError,
  requestId: string,
  { hostId, bodiless }: { hostId: string; bodiless: boolean },
): OssReply {
  const fields = { Code: error.code, Message: error.message, RequestId: requestId, HostId: hostId, ...error.details };
  const xml = document("Error", ...Object.entries(fields).map(([name, text]) => element(name, { text })));
  if (error.status === 304) return { status: 304, headers: error.headers };
  const headers = { "content-type": "application/xml", ...error.headers };
  // The header holds what a client needs to name the error, not the long text that was signed.
  const short = document(
    "Error",
    ...Object.entries({ ...fields, StringToSign: "" }).map(([name, text]) => element(name, { text })),
  );
  return bodiless
    ? { status: error.status, headers: { ...headers, "x-oss-err": Buffer.from(short).toString("base64") } }
    : { status: error.status, headers, body: xml };
}
