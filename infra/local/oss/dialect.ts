import type { OssError } from "./errors.js";
import type { Oss, OssCall, OssOperation } from "./operation.js";
import type { OssReply } from "./reply.js";
import type { WireRequest } from "./wire-request.js";

/** What a request is to do. */
export interface RequestTarget {
  readonly call: OssCall;
  readonly run: OssOperation;
}

/** What belongs to a call whatever it says. */
export type Carried = Pick<OssCall, "body" | "requestId" | "sourceIp">;

/** A language in which the objects are asked for: that of OSS, or that of S3. */
export interface ObjectDialect {
  /** Verifies who asks, and finds what for. @throws OssError */
  target(oss: Oss, wire: WireRequest, carried: Carried): RequestTarget;
  /** An operation's answer. */
  reply(reply: OssReply, operation: string): OssReply;
  refusal(error: OssError, about: { requestId: string; host: string; isBodiless: boolean }): OssReply;
  /** What every answer has. */
  headers(requestId: string): Readonly<Record<string, string>>;
}
