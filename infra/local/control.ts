import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { toErrorReport, UserError } from "../../shared/model/errors.js";
import { type ControlOrder, controlOrder } from "./control-orders.js";
import type { PlannedFault } from "./fault-list.js";
import type { PlannedKill } from "./kill-points.js";
import type { LocalCloud } from "./main.js";
import { openPort } from "./ports.js";

/** What every order is answered with: how things stand afterwards. */
export interface ControlState {
  /** What waits for its call, oldest first. */
  readonly faults: readonly PlannedFault[];
  readonly kills: readonly PlannedKill[];
  /** The local cloud's time, epoch ms. */
  readonly nowMs: number;
  /** Instances that an order to kill at once met. */
  readonly killed: number;
}

/** A control interface that answers. */
export interface Control {
  /** URL without a path. */
  readonly endpoint: string;
  close(): Promise<void>;
}

const ORDER_BYTES = 64 * 1024;

/**
 * Opens the control interface of a local cloud on a loopback port of its own: `POST /` with a {@link ControlOrder} and
 * `Authorization: Bearer <token>`, answered by {@link ControlState} or by an error report. Keys of the account and of
 * functions open nothing here.
 */
export async function openControl(cloud: LocalCloud, token: string): Promise<Control> {
  const port = await openPort(0);
  const timers = new Set<NodeJS.Timeout>();
  port.serve((request, response) => void serve(cloud, { token, timers }, { request, response }));
  return {
    endpoint: `http://127.0.0.1:${port.port}`,
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await port.close();
    },
  };
}

interface ControlServer {
  readonly token: string;
  /** Kills that wait for their time. */
  readonly timers: Set<NodeJS.Timeout>;
}

async function serve(
  cloud: LocalCloud,
  server: ControlServer,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const answer = (status: number, body: object) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  try {
    if (!isAllowed(request, server.token)) throw new UserError("UNAUTHORIZED", "the control token is missing or wrong");
    const killed = await obey(cloud, server, orderOf(await readBody(request)));
    const state: ControlState = {
      faults: cloud.faults.list(),
      kills: cloud.kills.list(),
      nowMs: cloud.clock.now(),
      killed,
    };
    answer(200, state);
  } catch (error) {
    const report = toErrorReport(error);
    answer(report.code === "UNAUTHORIZED" ? 401 : 400, report);
  }
}

function isAllowed({ headers, method }: IncomingMessage, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return method === "POST" && timingSafeEqual(digest(headers.authorization ?? ""), digest(`Bearer ${token}`));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ORDER_BYTES) throw new UserError("PAYLOAD_TOO_LARGE", `an order has at most ${ORDER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function orderOf(text: string): ControlOrder {
  try {
    return controlOrder.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError("CONFIG_INVALID", "this is not an order that the local cloud understands", { cause });
  }
}

/** @returns how many instances were killed */
async function obey(cloud: LocalCloud, server: ControlServer, order: ControlOrder): Promise<number> {
  const { clock, faults, kills } = cloud;
  switch (order.do) {
    case "addFault":
      faults.add(order.service, order.operation, { ...order.fault, times: order.times });
      return 0;
    case "listFaults":
      return 0;
    case "clearFaults":
      faults.clear();
      kills.clear();
      return 0;
    case "kill":
      return kill(cloud, server, order);
    case "killAt":
      cloud.killAt(fullName(cloud, order.function), order.point);
      return 0;
    case "deliver":
      cloud.deliverAgain(order.times);
      return 0;
    case "tick":
      await cloud.tick(order.timer, new Date(clock.now()));
      return 0;
    default:
      moveClock(cloud, order);
      return 0;
  }
}

function moveClock({ clock }: LocalCloud, order: Extract<ControlOrder, { do: `${string}Clock` }>): void {
  if (order.do === "stopClock") clock.set(clock.now());
  else if (order.do === "setClock") clock.set(order.atMs);
  else if (order.do === "advanceClock") clock.advance(order.ms);
  else clock.real();
}

function kill(cloud: LocalCloud, { timers }: ControlServer, order: Extract<ControlOrder, { do: "kill" }>): number {
  const name = fullName(cloud, order.function);
  if (order.afterMs === 0) return cloud.killInstances(name);
  const timer = setTimeout(() => {
    timers.delete(timer);
    cloud.killInstances(name);
  }, order.afterMs);
  timers.add(timer);
  return 0;
}

function fullName(cloud: LocalCloud, name: string): string {
  const all = cloud.functions().map((one) => one.name);
  return all.includes(name) ? name : (all.find((one) => one.endsWith(`-${name}`)) ?? name);
}
