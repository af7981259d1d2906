import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerOptions, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { dropCall } from "../fault-list.js";
import type { EmitObjectEvent, PlannedFailure, Service, ServiceContext } from "../service.js";
import { openContents } from "./contents.js";
import type { ObjectDialect, RequestTarget } from "./dialect.js";
import { OssError } from "./errors.js";
import type { Oss } from "./operation.js";
import { ossDialect } from "./oss-dialect.js";
import type { OssReply } from "./reply.js";
import { s3Dialect } from "./s3/dialect.js";
import { isSignedForS3 } from "./s3/signature.js";
import { sweepOrphans } from "./sweep.js";
import { readWire, type WireRequest } from "./wire-request.js";

/**
 * Options for the HTTP server that carries this service. Lenient, since ali-oss sends Content-Length together with chunked encoding when a
 * caller of putStream names a length; idle connections outlive those of its agent (60 s), so that no request meets a closing one; and an
 * upload may take as long as it likes.
 */
export const ossServerOptions = {
  insecureHTTPParser: true,
  keepAliveTimeout: 75_000,
  requestTimeout: 0,
} as const satisfies ServerOptions;

const faultCodes = { 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable" } as const;

/**
 * The OSS service on the wire, which also speaks S3's language to whoever signs for it. First removes what a crash left behind; requests
 * wait for that. Source: OSS API reference; Amazon S3 API reference.
 *
 * @param emit called inside the transaction that makes an object visible or removes it
 */
export function createOss(context: ServiceContext, emit: EmitObjectEvent): Service {
  const oss: Oss = { context, contents: openContents(context.store), emit };
  const swept = sweepOrphans(context.store);
  // Every request reports a failed sweep; without requests it must not end the process.
  swept.catch(() => undefined);
  return {
    handle(request, response) {
      // What fails after the answer was made, such as a listener of calls, ends this connection and nothing else.
      serve(oss, swept, { request, response }).catch(() => response.destroy());
    },
    async close() {
      await swept.catch(() => undefined);
      await oss.contents.settled();
    },
  };
}

async function serve(
  oss: Oss,
  swept: Promise<unknown>,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const requestId = randomBytes(12).toString("hex").toUpperCase();
  let dialect: ObjectDialect = ossDialect;
  let target: RequestTarget | undefined;
  let reply: OssReply;
  let fault: PlannedFailure | null = null;
  try {
    await swept;
    const wire = readWire(request);
    dialect = dialectOf(wire);
    target = dialect.target(oss, wire, { body: request, requestId, sourceIp: request.socket.remoteAddress ?? "" });
    const { name, bucket, key } = target.call;
    fault = oss.context.faults.take("oss", name, () => `${bucket}/${key}`);
    if (fault?.kind === "dropRequest") return dropCall(fault, response);
    reply = dialect.reply(await runWithFault(oss, target, fault), name);
  } catch (error) {
    const host = request.headers.host ?? "localhost";
    reply = dialect.refusal(toOssError(error), { requestId, host, isBodiless: request.method === "HEAD" });
  }
  if (fault?.kind === "dropResponse") dropCall(fault, response);
  else await send(response, reply, { common: dialect.headers(requestId), bodiless: request.method === "HEAD" });
  if (target === undefined) return;
  const { name: operation, bucket, key } = target.call;
  oss.context.onCall?.({
    service: "oss",
    operation,
    resource: key === "" ? bucket : `${bucket}/${key}`,
    status: reply.status,
  });
}

/** Whoever signs for S3 is spoken to in its language. */
function dialectOf(wire: WireRequest): ObjectDialect {
  return isSignedForS3(wire) ? s3Dialect : ossDialect;
}

async function runWithFault(oss: Oss, { call, run }: RequestTarget, fault: PlannedFailure | null): Promise<OssReply> {
  if (fault?.kind === "delay") await sleep(fault.ms);
  if (fault?.kind === "status")
    throw new OssError(faultCodes[fault.status], `A fault was asked for: status ${fault.status}.`);
  if (fault?.kind !== "twice") return run(oss, call);
  // As if the first answer had got lost on the way and the request had been sent again: the client sees the second answer.
  const pieces: Buffer[] = [];
  for await (const piece of call.body) pieces.push(piece);
  const once = async () => run(oss, { ...call, body: replay(pieces) });
  await once().catch(() => undefined);
  return once();
}

async function* replay(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

function toOssError(error: unknown): OssError {
  if (error instanceof OssError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new OssError("InternalError", `We encountered an internal error: ${message}`, { cause: error });
}

async function send(
  response: ServerResponse,
  reply: OssReply,
  about: { common: Readonly<Record<string, string>>; bodiless: boolean },
): Promise<void> {
  const { status, headers = {}, body = "" } = reply;
  const length =
    typeof body === "string" && status !== 204 && status !== 304
      ? { "content-length": String(Buffer.byteLength(body)) }
      : {};
  response.writeHead(status, { ...about.common, ...length, ...headers });
  if (typeof body === "string" || about.bodiless) {
    response.end(about.bodiless ? undefined : body);
    return;
  }
  // A client that went away is nobody's error; a failure of ours shows as a connection that ends too early.
  await pipeline(body, response).catch(() => response.destroy());
}
