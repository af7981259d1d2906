import { type Command, InvalidArgumentError } from "commander";
import type { ControlState } from "../../local/control.js";
import type { ControlOrder } from "../../local/control-orders.js";
import type { KillPoint } from "../../local/kill-points.js";
import { dataFolder } from "../connection.js";
import { orderLocal } from "../control-call.js";
import { groupedCounted } from "../numbers.js";
import { positiveInteger } from "../pairs.js";
import { done, perform, type Shell } from "../shell.js";
import { tableLines } from "../table.js";

type Fault = Extract<ControlOrder, { do: "addFault" }>["fault"];
type ServiceName = KillPoint["service"];

/** Adds the commands that make the running local cloud misbehave. */
export function addLocalFaultCommands(local: Command, shell: Shell): void {
  const give = (self: Command, order: ControlOrder, show: (state: ControlState) => string) =>
    perform(shell, self, async (call) => {
      const state = await orderLocal(dataFolder(call.options, call.terminal.env), order);
      call.answer(state, () => call.terminal.out.write(`${show(state)}\n`));
      return done;
    });
  addFaults(local, give);
  addKill(local, give);
  addClock(local, give);
  local
    .command("deliver-twice")
    .description("deliver each async request to a function twice, or once again")
    .argument("<on|off>", "whether to", oneOf(["on", "off"]))
    .action((word: string, _options: object, self: Command) =>
      give(
        self,
        { do: "deliver", times: word === "on" ? 2 : 1 },
        () => `async requests are delivered ${word === "on" ? "twice" : "once"}`,
      ),
    );
  local
    .command("tick")
    .description("ring a timer of s.yaml now, at the local cloud's time")
    .argument("<timer>", "the trigger's name")
    .action((timer: string, _options: object, self: Command) =>
      give(self, { do: "tick", timer }, () => `${timer} rang`),
    );
}

type Give = (self: Command, order: ControlOrder, show: (state: ControlState) => string) => Promise<void>;

function addFaults(local: Command, give: Give): void {
  const fault = local.command("fault").description("faults on demand");
  fault
    .command("add")
    .description("make the next matching calls misbehave")
    .argument("<service>", "tablestore, oss, fc or maxcompute", serviceName)
    .argument("<operation>", "the service's own name (PutRow, PutObject, InvokeFunction, …); * = any")
    .argument("<kind>", `what happens: ${kinds.join(", ")}`, oneOf(kinds))
    .option("--times <n>", "how many calls it hits", positiveInteger, 1)
    .option("--ms <n>", "how long a delay lasts", positiveInteger, 1000)
    .action(
      (service: ServiceName, operation: string, kind: string, options: { times: number; ms: number }, self: Command) =>
        give(
          self,
          { do: "addFault", service, operation, fault: faultOf(kind, options.ms), times: options.times },
          () => `${kind}: the next ${groupedCounted(options.times, "call")} of ${service}:${operation}`,
        ),
    );
  fault
    .command("list")
    .description("list the faults and kills that wait for their call")
    .action((_options: object, self: Command) => give(self, { do: "listFaults" }, waiting));
  fault
    .command("clear")
    .description("forget them")
    .action((_options: object, self: Command) => give(self, { do: "clearFaults" }, waiting));
}

interface KillOptions {
  readonly after?: number;
  readonly at?: Pick<KillPoint, "service" | "operation">;
  readonly before?: boolean;
  readonly count: number;
  readonly containing?: string;
}

function addKill(local: Command, give: Give): void {
  local
    .command("kill")
    .description("kill the instances of a function now or later, or the one that comes to a point")
    .argument("<function>", "its name, with or without the stage: shard")
    .option("--after <ms>", "wait so long", positiveInteger)
    .option("--at <service:operation>", "kill the instance that makes this call, such as tablestore:PutRow", callName)
    .option("--before", "with --at: before the call's work is done; otherwise right after it")
    .option("--count <n>", "with --at: at the n-th such call", positiveInteger, 1)
    .option("--containing <text>", "with --at: only calls that carry this text in their body, or in bucket/key")
    .action((name: string, options: KillOptions, self: Command) => {
      const { at, before, count, containing, after = 0 } = options;
      if (!at) {
        const said = (killed: number) =>
          after > 0 ? `${name} dies in ${after} ms` : `${groupedCounted(killed, "instance")} killed`;
        return give(self, { do: "kill", function: name, afterMs: after }, ({ killed }) => said(killed));
      }
      const point: KillPoint = { ...at, when: before ? "before" : "after", count, ...(containing && { containing }) };
      return give(self, { do: "killAt", function: name, point }, waiting);
    });
}

function addClock(local: Command, give: Give): void {
  const timeText = ({ nowMs }: ControlState) => `the local cloud's time is ${new Date(nowMs).toISOString()}`;
  const clock = local.command("clock").description("the time of timers, leases of the queue, and expiry");
  clock
    .command("stop")
    .description("stop it where it is")
    .action((_options: object, self: Command) => give(self, { do: "stopClock" }, timeText));
  clock
    .command("set")
    .description("stop it at a moment")
    .argument("<time>", "an ISO time: 2026-01-31T23:59:00Z", isoTime)
    .action((atMs: number, _options: object, self: Command) => give(self, { do: "setClock", atMs }, timeText));
  clock
    .command("advance")
    .description("move it forward, stopped or not")
    .argument("<duration>", "such as 90s, 15m, 2h, 1d, 500ms", duration)
    .action((ms: number, _options: object, self: Command) => give(self, { do: "advanceClock", ms }, timeText));
  clock
    .command("real")
    .description("back to the machine's time")
    .action((_options: object, self: Command) => give(self, { do: "realClock" }, timeText));
}

const kinds = ["429", "500", "503", "drop-request", "drop-response", "delay", "twice"] as const;

function faultOf(kind: string, ms: number): Fault {
  if (kind === "drop-request") return { kind: "dropRequest" };
  if (kind === "drop-response") return { kind: "dropResponse" };
  if (kind === "delay") return { kind: "delay", ms };
  if (kind === "twice") return { kind: "twice" };
  return { kind: "status", status: kind === "429" ? 429 : kind === "500" ? 500 : 503 };
}

function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new InvalidArgumentError(`It is one of ${words.join(", ")}.`);
    return found;
  };
}

const serviceName = oneOf<ServiceName>(["tablestore", "oss", "fc", "maxcompute"]);

function callName(text: string): Pick<KillPoint, "service" | "operation"> {
  const [service = "", operation = ""] = text.split(":", 2);
  if (operation === "") throw new InvalidArgumentError("Give service and operation: tablestore:PutRow.");
  return { service: serviceName(service), operation };
}

function isoTime(text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new InvalidArgumentError("Give an ISO time: 2026-01-31T23:59:00Z.");
  return atMs;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function duration(text: string): number {
  const [, figure = "", unit = ""] = /^([1-9]\d{0,8})(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(figure) * (unitMs[unit] ?? 0);
  if (ms === 0) throw new InvalidArgumentError("Give a duration such as 90s, 15m, 2h, 1d or 500ms.");
  return ms;
}

interface Waiting {
  readonly what: string;
  readonly call: string;
  readonly left: string;
}

function waiting({ faults, kills }: ControlState): string {
  const rows: Waiting[] = [
    ...faults.map(({ service, operation, fault, left }) => ({
      what: fault.kind === "status" ? `answers ${fault.status}` : fault.kind,
      call: `${service}:${operation}`,
      left: `${groupedCounted(left, "call")}`,
    })),
    ...kills.map(({ functionName, point, left }) => ({
      what: `kills ${functionName} ${point.when}`,
      call: `${point.service}:${point.operation}${point.containing === undefined ? "" : ` with ${point.containing}`}`,
      left: `call ${left}`,
    })),
  ];
  if (rows.length === 0) return "nothing is planned";
  return tableLines(rows, [
    { title: "what", value: ({ what }) => what },
    { title: "call", value: ({ call }) => call },
    { title: "hits", value: ({ left }) => left },
  ]).join("\n");
}
