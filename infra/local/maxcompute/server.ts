import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { dropCall } from "../fault-list.js";
import type { PlannedFailure, Service, ServiceContext } from "../service.js";
import { authorizeOdps } from "./authorize.js";
import type { Maxcompute, OdpsCall, OdpsOperation } from "./call.js";
import { OdpsError } from "./errors.js";
import { sweepLoose } from "./pages.js";
import { type OdpsReply, odpsErrorReply } from "./reply.js";
import { formOf, type OdpsOperationName, odpsOperationOf, resourceOf } from "./routes.js";
import { DEFAULT_SCHEMA } from "./rows.js";

const faultCodes = { 429: "FlowExceeded", 500: "InternalServerError", 503: "ServiceUnavailable" } as const;

/**
 * MaxCompute on the wire: the REST interface and the tunnel, behind one port. First removes what a crash left behind; requests wait for
 * that. Source: PyODPS 0.13.2, Java SDK, documentation; verified with PyODPS itself. NOT compared with the real service.
 */
export function createMaxcompute(context: ServiceContext): Service {
  const maxcompute: Maxcompute = { context, uploadsBegun: new Map() };
  const swept = sweepLoose(context.store);
  // Every request reports a failed sweep; without requests it must not end the process.
  swept.catch(() => undefined);
  return {
    handle(request, response) {
      // What fails after the answer was made ends this connection and nothing else.
      serve(maxcompute, swept, { request, response }).catch(() => response.destroy());
    },
    close: () => swept.catch(() => undefined),
  };
}

interface Target {
  readonly name: OdpsOperationName;
  readonly call: OdpsCall;
  readonly run: OdpsOperation;
}

async function serve(
  maxcompute: Maxcompute,
  swept: Promise<unknown>,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const requestId = randomBytes(12).toString("hex").toUpperCase();
  let target: Target | undefined;
  let reply: OdpsReply;
  let fault: PlannedFailure | null = null;
  try {
    await swept;
    target = targetOf(maxcompute, request);
    const { call } = target;
    fault = maxcompute.context.faults.take("maxcompute", call.name, () => placeOf(call));
    if (fault?.kind === "dropRequest") return dropCall(fault, response);
    reply = await runWithFault(maxcompute, target, fault);
  } catch (error) {
    reply = odpsErrorReply(toOdpsError(error), requestId, formOf(target?.name ?? null));
  }
  if (fault?.kind === "dropResponse") dropCall(fault, response);
  else await send(response, reply, requestId);
  if (!target) return;
  const { call } = target;
  maxcompute.context.onCall?.({
    service: "maxcompute",
    operation: call.name,
    resource: placeOf(call),
    status: reply.status,
  });
}

/** What a call is about, for faults that are choosy: `project/table/partition/block`. */
function placeOf({ project, table, instance, query }: OdpsCall): string {
  return [project, table || instance, query.partition, query.blockid].filter((part) => part).join("/");
}

function targetOf({ context }: Maxcompute, request: IncomingMessage): Target {
  const url = new URL(request.url ?? "/", "http://localhost");
  const headers = headersOf(request);
  const query = Object.fromEntries(url.searchParams);
  const path = decoded(url.pathname);
  const { resource, signed } = resourceOf(path);
  const method = request.method ?? "GET";
  authorizeOdps({ method, resource: signed, query, headers }, context.credentials, Date.now());
  const { name, run } = odpsOperationOf(method, resource.level, query);
  const schema = (resource.schema ?? query.curr_schema ?? "").toLowerCase() || DEFAULT_SCHEMA;
  const host = headers.host ?? "localhost";
  return { run, name, call: { ...resource, name, schema, query, headers, body: request, host } };
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  return headers;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new OdpsError("ODPS-0420061", "ODPS-0420061:Invalid parameter - the path is not percent-encoded", { cause });
  }
}

async function runWithFault(
  maxcompute: Maxcompute,
  { call, run }: Target,
  fault: PlannedFailure | null,
): Promise<OdpsReply> {
  if (fault?.kind === "delay") await sleep(fault.ms);
  if (fault?.kind === "status")
    throw new OdpsError(faultCodes[fault.status], `A fault was asked for: status ${fault.status}.`);
  if (fault?.kind !== "twice") return run(maxcompute, call);
  // As if the first answer had got lost on the way and the request had been sent again: the client sees the second answer.
  const pieces: Buffer[] = [];
  for await (const piece of call.body) pieces.push(piece);
  const once = async () => run(maxcompute, { ...call, body: replay(pieces) });
  await once().catch(() => undefined);
  return once();
}

async function* replay(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

function toOdpsError(error: unknown): OdpsError {
  if (error instanceof OdpsError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new OdpsError("InternalServerError", `ODPS-0010000:System internal error - ${message}`, { cause: error });
}

async function send(
  response: ServerResponse,
  { status, headers = {}, body = "" }: OdpsReply,
  requestId: string,
): Promise<void> {
  const length = typeof body === "string" ? { "content-length": String(Buffer.byteLength(body)) } : {};
  response.writeHead(status, { server: "maxcompute", "x-odps-request-id": requestId, ...length, ...headers });
  if (typeof body === "string") return void response.end(body);
  // A client that went away is nobody's error; a failure of ours shows as a connection that ends too early.
  await pipeline(body, response).catch(() => response.destroy());
}
