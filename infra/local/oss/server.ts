import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerOptions, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { dropCall } from "../fault-list.js";
import type { EmitObjectEvent, Fault, Service, ServiceContext } from "../service.js";
import { authorize } from "./authorize.js";
import { openContents } from "./contents.js";
import { OssError } from "./errors.js";
import { checkBucketName, checkObjectName } from "./names.js";
import type { Operation, Oss, OssCall } from "./operation.js";
import { errorReply, type Reply } from "./reply.js";
import { anonymousOperations, type OperationName, operationOf } from "./routes.js";
import { requireBucket } from "./rows.js";
import { sweepOrphans } from "./sweep.js";
import { type Reading, readWire, type WireRequest } from "./wire-request.js";

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
 * The OSS service on the wire: path style and bucket hosts, signature versions 1 and 4. First removes what a crash left behind; requests
 * wait for that. Source: OSS API reference.
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
      serve(oss, swept, request, response).catch(() => response.destroy());
    },
    async close() {
      await swept.catch(() => undefined);
      await oss.contents.settled();
    },
  };
}

interface Target {
  readonly call: OssCall;
  readonly run: Operation;
}

async function serve(
  oss: Oss,
  swept: Promise<unknown>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomBytes(12).toString("hex").toUpperCase();
  let target: Target | undefined;
  let reply: Reply;
  let fault: Fault | null = null;
  try {
    await swept;
    target = targetOf(oss, request, requestId);
    const { name, bucket, key } = target.call;
    fault = oss.context.faults.take("oss", name, () => `${bucket}/${key}`);
    if (fault?.kind === "dropRequest") return dropCall(fault, response);
    reply = await runWithFault(oss, target, fault);
  } catch (error) {
    const hostId = request.headers.host ?? "localhost";
    reply = errorReply(toOssError(error), requestId, hostId, request.method === "HEAD");
  }
  if (fault?.kind === "dropResponse") dropCall(fault, response);
  else await send(response, reply, { requestId, bodiless: request.method === "HEAD" });
  if (target === undefined) return;
  const { name: operation, bucket, key } = target.call;
  oss.context.onCall?.({
    service: "oss",
    operation,
    resource: key === "" ? bucket : `${bucket}/${key}`,
    status: reply.status,
  });
}

function targetOf(oss: Oss, request: IncomingMessage, requestId: string): Target {
  const wire = readWire(request);
  const { reading, anonymous } = authorize(wire, oss.context.credentials, Date.now());
  const query = new Map(wire.query.map(({ name, value }) => [name, value]));
  const { name, run } = operationOf(wire.method, reading, query, wire.headers);
  if (reading.bucket !== null) checkBucketName(reading.bucket);
  if (reading.key !== null) checkObjectName(reading.key);
  if (anonymous) requirePublic(oss, reading, name);
  return {
    run,
    call: callOf(wire, reading, {
      name,
      query,
      body: request,
      requestId,
      sourceIp: request.socket.remoteAddress ?? "",
    }),
  };
}

function callOf(
  wire: WireRequest,
  { bucket, key }: Reading,
  rest: Pick<OssCall, "name" | "query" | "body" | "requestId" | "sourceIp">,
): OssCall {
  return { ...rest, bucket: bucket ?? "", key: key ?? "", headers: wire.headers };
}

function requirePublic(oss: Oss, { bucket }: Reading, name: OperationName): void {
  const acl = bucket === null ? "private" : requireBucket(oss.context.store, bucket).acl;
  if (anonymousOperations[acl].includes(name)) return;
  throw new OssError("AccessDenied", "You have no right to access this object because of bucket acl.");
}

async function runWithFault(oss: Oss, { call, run }: Target, fault: Fault | null): Promise<Reply> {
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
  reply: Reply,
  about: { requestId: string; bodiless: boolean },
): Promise<void> {
  const { status, headers = {}, body = "" } = reply;
  const length =
    typeof body === "string" && status !== 204 && status !== 304
      ? { "content-length": String(Buffer.byteLength(body)) }
      : {};
  response.writeHead(status, { server: "AliyunOSS", "x-oss-request-id": about.requestId, ...length, ...headers });
  if (typeof body === "string" || about.bodiless) {
    response.end(about.bodiless ? undefined : body);
    return;
  }
  // A client that went away is nobody's error; a failure of ours shows as a connection that ends too early.
  await pipeline(body, response).catch(() => response.destroy());
}
