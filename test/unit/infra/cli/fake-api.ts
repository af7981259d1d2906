import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Run } from "../../../../shared/model/run.js";
import type { SplitView } from "../../../../shared/model/split.js";

/** A request as the fake API saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly token: string;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** What the fake API answers: a status and a body; text bodies are sent as they are. */
export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

/** Starts an HTTP server on a random loopback port that answers every request as told. */
export async function fakeApi(answer: (request: SeenRequest) => FakeAnswer) {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://x");
    const text = Buffer.concat(chunks).toString();
    const one: SeenRequest = {
      method: request.method ?? "",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      token: (request.headers.authorization ?? "").replace("Bearer ", ""),
      body: text === "" ? {} : JSON.parse(text),
      headers: request.headers,
    };
    seen.push(one);
    const { status = 200, body, headers = {} } = answer(one);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A run as the API tells it: finished well unless changed. */
export function sampleRun(change: Partial<Run> = {}): Run {
  return {
    id: "r1",
    job: null,
    environment: "production",
    state: "succeeded",
    trigger: { kind: "http" },
    parameters: {},
    plannedAt: "2026-11-20T10:00:00.000Z",
    createdAt: "2026-11-20T10:00:00.000Z",
    startedAt: "2026-11-20T10:00:00.500Z",
    endedAt: "2026-11-20T10:00:05.500Z",
    reader: "oss",
    writer: "ots",
    concurrent: 4,
    splits: { total: 2, done: 2 },
    estimatedRows: 200_000,
    counters: { read: 200_000, written: 199_993, dirty: 7, bytes: 12 * 1024 * 1024 },
    waitMs: { reader: 200, writer: 9_000 },
    delivery: "idempotent",
    errorLimit: { record: 10, percentage: null },
    dirtyKept: 7,
    warnings: [],
    notes: [],
    cost: null,
    error: null,
    ...change,
  };
}

/** A finished split. */
export function sampleSplit(change: Partial<SplitView> = {}): SplitView {
  return {
    number: 0,
    state: "done",
    describe: "oss://shop/orders.csv bytes 0-999",
    estimatedRows: null,
    attempt: 1,
    owner: "shard",
    leaseUntil: 0,
    live: { read: 100_000, written: 99_997, dirty: 3, bytes: 6 * 1024 * 1024 },
    waitMs: { reader: 100, writer: 4_500 },
    dirtyKept: 3,
    startedAt: "2026-11-20T10:00:01.000Z",
    endedAt: "2026-11-20T10:00:05.000Z",
    error: null,
    failures: 0,
    ...change,
  };
}
