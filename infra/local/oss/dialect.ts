import type { OssError } from "./errors.js";
import type { Operation, Oss, OssCall } from "./operation.js";
import type { Reply } from "./reply.js";
import type { WireRequest } from "./wire-request.js";

/** What a request is to do. */
export interface RequestTarget {
  readonly call: OssCall;
  readonly run: Operation;
}

/** What belongs to a call whatever it says. */
export type Carried = Pick<OssCall, "body" | "requestId" | "sourceIp">;

/** A language in which the objects are asked for: that of OSS, or that of S3. */
export interface Dialect {
  /** Verifies who asks, and finds what for. @throws OssError */
  target(oss: Oss, wire: WireRequest, carried: Carried): RequestTarget;
  /** An operation's answer. */
  reply(reply: Reply, operation: string): Reply;
  refusal(error: OssError, about: { requestId: string; host: string; isBodiless: boolean }): Reply;
  /** What every answer has. */
  headers(requestId: string): Readonly<Record<string, string>>;
}
