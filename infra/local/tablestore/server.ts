import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { dropCall } from "../fault-list.js";
import type { PlannedFailure, Service, ServiceContext } from "../service.js";
import { authenticate, md5Of, signResponse } from "./authenticate.js";
import type { OtsCall } from "./call.js";
import { createCatalog } from "./catalog.js";
import { limits } from "./limits.js";
import { encodeMessage } from "./messages.js";
import { prepareOperation } from "./operations.js";
import { type OtsCode, OtsError } from "./ots-error.js";
import { createSweeper, type Sweeper } from "./sweeper.js";
import { createTransactions } from "./transactions.js";

interface Exchange {
  /** Of the request, without query. */
  readonly path: string;
  readonly operation: string;
  readonly requestId: string;
  readonly response: ServerResponse;
  /** Filled in when known, for the record of calls. */
  resources: readonly string[];
  /** Whether the sender is known: nobody else is given anything signed. */
  authenticated: boolean;
}

interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

type CallDefaults = Omit<OtsCall, "instance">;

const faultCodes: Readonly<Record<429 | 500 | 503, OtsCode>> = {
  429: "OTSOperationThrottled",
  500: "OTSInternalServerError",
  503: "OTSServerBusy",
};

/**
 * Tablestore on the wire: `POST /<Operation>` with a protobuf body, rows in PlainBuffer, signatures verified.
 *
 * Any instance name is accepted and has tables of its own. Local transactions are kept in memory: a restart ends them.
 * A fault `twice` runs the request again after the first time and answers with the first result; `dropRequest` and
 * `dropResponse` close the connection before and after the work was done; `status` does no work. {@link ServiceContext.onCall} gets
 * `instance/<name>/table/<table>` once per table that a request names.
 *
 * Not there, answered with OTSParameterInvalid: indexes, SQL, search, reading from streams.
 */
export function createTablestore(context: ServiceContext): Service {
  const sweeper = createSweeper(context.store);
  const defaults = defaultsOf(context, sweeper);
  return {
    handle: (request, response) => void serve(context, defaults, { request, response }),
    close: () => sweeper.stop(),
  };
}

function defaultsOf({ store, now }: ServiceContext, sweeper: Sweeper): CallDefaults {
  return { store, now, catalog: createCatalog(), transactions: createTransactions(now), sweep: sweeper.start };
}

async function serve(
  context: ServiceContext,
  defaults: CallDefaults,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  const requestId = randomUUID();
  const exchange: Exchange = {
    path,
    operation: path.slice(1),
    requestId,
    response,
    resources: [],
    authenticated: false,
  };
  try {
    const body = await readBody(request);
    const fault = context.faults.take("tablestore", exchange.operation, () => body ?? "");
    if (fault?.kind === "delay") await sleep(fault.ms);
    if (fault?.kind === "dropRequest") return dropCall(fault, request.socket);
    const reply = await answer(() => work({ context, defaults, exchange, fault }, { request, body }));
    if (fault?.kind === "dropResponse") dropCall(fault, request.socket);
    else send(context, exchange, reply);
    report(context, exchange, reply.status);
  } catch {
    // The client went away while it was sending, or while it was answered: nobody is left to tell.
    request.socket.destroy();
  }
}

async function answer(run: () => Promise<Buffer>): Promise<Reply> {
  try {
    return { status: 200, body: await run() };
  } catch (error) {
    const failure = error instanceof OtsError ? error : internal(error);
    return { status: failure.status, body: encodeMessage("Error", { code: failure.code, message: failure.message }) };
  }
}

function internal(error: unknown): OtsError {
  return new OtsError(
    "OTSInternalServerError",
    `Internal server error. ${error instanceof Error ? error.message : ""}`,
  );
}

async function work(
  at: { context: ServiceContext; defaults: CallDefaults; exchange: Exchange; fault: PlannedFailure | null },
  { request, body }: { request: IncomingMessage; body: Buffer | null },
): Promise<Buffer> {
  const { context, defaults, exchange, fault } = at;
  if (fault?.kind === "status") throw new OtsError(faultCodes[fault.status], "A fault was asked for.");
  if (request.method !== "POST") throw new OtsError("OTSMethodNotAllowed", `Method ${request.method} is not allowed.`);
  if (!body) throw new OtsError("OTSRequestBodyTooLarge", `The body exceeds ${limits.bodyBytes} bytes.`);
  // Clients sign with the machine's clock, which does not follow when a test moves the service's.
  const signed = { headers: request.headers, path: exchange.path, body };
  const instance = authenticate(signed, context.credentials, Date.now());
  exchange.authenticated = true;
  exchange.resources = [`instance/${instance}`];
  const operation = prepareOperation(exchange.operation, { ...defaults, instance }, body);
  if (operation.tables.length > 0) {
    exchange.resources = [...new Set(operation.tables)].map((table) => `instance/${instance}/table/${table}`);
  }
  const result = await operation.run();
  if (fault?.kind === "twice") await answer(async () => operation.run());
  return result;
}

/** Reads to the end also what is too large, so that the connection can be used again. Null = too large. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limits.bodyBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on("end", () => resolve(bytes <= limits.bodyBytes ? Buffer.concat(chunks) : null));
    request.on("error", reject);
    request.on("close", () => reject(new Error("The client closed the connection.")));
  });
}

function send({ credentials }: ServiceContext, exchange: Exchange, { status, body }: Reply): void {
  const { response, requestId, path, authenticated } = exchange;
  const headers = {
    "x-ots-requestid": requestId,
    // Clients compare it with the machine's clock, like the one they sign with.
    "x-ots-date": new Date().toISOString(),
    "x-ots-contenttype": "protocol buffer",
    "x-ots-contentmd5": md5Of(body),
  };
  response.writeHead(status, {
    "content-type": "application/x.pb2",
    "content-length": body.length,
    ...headers,
    ...(authenticated ? { authorization: signResponse(path, headers, credentials) } : {}),
  });
  response.end(body);
}

function report(context: ServiceContext, { operation, resources }: Exchange, status: number): void {
  for (const resource of resources.length > 0 ? resources : [""]) {
    context.onCall?.({ service: "tablestore", operation, resource, status });
  }
}
