import { type Command, Option } from "commander";
import type { Answered } from "../../../shared/api/client/client.js";
import { type InstanceState, instanceStates } from "../../../shared/model/instance.js";
import { BadInput } from "../bad-input.js";
import { positiveInteger } from "../pairs.js";
import { stateText } from "../run-report.js";
import { type CommandCall, done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";

type InstanceView = Answered<"instance">;
type Behind = Answered<"downstream">["items"][number];

interface ListOptions {
  readonly date?: string;
  readonly job?: string;
  readonly state?: InstanceState;
  readonly origin?: string;
  readonly limit: number;
  readonly page?: string;
}

interface RerunOptions {
  readonly sameVersion?: boolean;
  readonly downstream?: boolean;
  readonly force?: boolean;
  readonly list?: boolean;
}

/** Adds `sluice instance list|show|rerun|succeed|freeze|unfreeze|cancel|graph`. */
export function addInstanceCommands(program: Command, shell: Shell): void {
  const instances = program.command("instance").description("planned times of jobs: what waits, runs, failed, and why");
  addList(instances, shell);
  addShow(instances, shell);
  addRerun(instances, shell);
  const orders = [
    ["succeed", "succeedInstance", "set an instance succeeded, so that those behind it go on"],
    ["freeze", "freezeInstance", "freeze an instance that has not started: it holds those behind it"],
    ["unfreeze", "unfreezeInstance", "let a frozen instance go on"],
    ["cancel", "cancelInstance", "cancel an instance, with its run if it has one"],
  ] as const;
  for (const [name, call, description] of orders) {
    const command = withInstance(instances.command(name).description(description)).action(
      (job: string, label: string, _options: object, self: Command) =>
        perform(shell, self, async (invocation) => {
          const answer = await invocation.withClient((client) => client[call]({ name: job, ...placeOf(label) }));
          invocation.answer(answer, () => show(invocation, answer));
          return done;
        }),
    );
    withCommonOptions(command);
  }
  addGraph(instances, shell);
}

function withInstance(command: Command): Command {
  return command
    .argument("<job>", "the job's name")
    .argument(
      "<time>",
      "planned time, such as 2026-11-28T02:30; of a backfill with its id before: b1234#2026-11-28T02:30",
    );
}

function placeOf(text: string): { readonly origin: string; readonly label: string } {
  const [label = "", origin = "s"] = text.split("#").reverse();
  if (/^\d{4}-\d\d-\d\dT\d\db?:\d\d$/.test(label)) return { origin, label };
  throw new BadInput(
    `"${text}" is no planned time`,
    "Give one such as 2026-11-28T02:30, as sluice instance list shows it.",
  );
}

function addList(instances: Command, shell: Shell): void {
  const command = instances
    .command("list")
    .description("list the instances of a planned day, by time and job")
    .option("--date <date>", "planned date (default: today by the workspace's clock)")
    .option("--job <name>", "only those of this job")
    .addOption(new Option("--state <state>", "only those in this state").choices(instanceStates))
    .option("--origin <origin>", "only those of the schedule (s), of backfills (b) or of one of them")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .action((options: ListOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const { date, job, state, origin, limit, page } = options;
        const query = { date, job, state, origin, limit, page };
        const answer = await call.withClient((client) => client.instances({ query }));
        const { out } = call.terminal;
        call.answer(answer, () => {
          if (answer.items.length === 0) out.write("no instances on that day\n");
          else out.write(`${instanceLines(answer.items, call).join("\n")}\n`);
          if (answer.nextPage !== null) out.write(`more: sluice instance list --page '${answer.nextPage}'\n`);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

/** The reason comes last: it may be long. */
function instanceLines(items: readonly InstanceView[], { terminal }: CommandCall): readonly string[] {
  return tableLines(items, [
    { title: "planned time", value: ({ label, origin }) => (origin === "s" ? label : `${origin}#${label}`) },
    { title: "job", value: ({ job }) => job },
    { title: "attempt", value: ({ attempt }) => String(attempt), right: true },
    { title: "run", value: ({ run }) => run ?? "-" },
    { title: "state", value: ({ state, reason }) => `${stateText(state, terminal.out)}${reason ? `: ${reason}` : ""}` },
  ]);
}

function show({ terminal }: CommandCall, one: InstanceView): void {
  const { job, label, state, reason } = one;
  terminal.out.write(`${job} ${label} is ${stateText(state, terminal.out)}${reason ? `: ${reason}` : ""}\n`);
}

function addShow(instances: Command, shell: Shell): void {
  const command = withInstance(
    instances.command("show").description("show an instance: its state, why it is in it, its last run"),
  ).action((job: string, label: string, _options: object, self: Command) =>
    perform(shell, self, async (call) => {
      const answer = await call.withClient((client) => client.instance({ name: job, ...placeOf(label) }));
      call.answer(answer, () => {
        show(call, answer);
        const { out } = call.terminal;
        out.write(`business date ${answer.businessDate}, due ${answer.dueAt}, attempts ${answer.attempt}\n`);
        if (answer.run !== null) out.write(`last run: sluice runs ${answer.run}\n`);
      });
      return done;
    }),
  );
  withCommonOptions(command);
}

function addRerun(instances: Command, shell: Shell): void {
  const command = withInstance(
    instances.command("rerun").description("run an instance again, alone or with all behind it"),
  )
    .option("--same-version", "what its last run ran, not the version in force")
    .option("--downstream", "all behind it too, once it has succeeded")
    .option("--force", "with --downstream: cancel those that run, and run them again")
    .option("--list", "with --downstream: only list what it would do")
    .action((job: string, label: string, options: RerunOptions, self: Command) =>
      perform(shell, self, (call) => rerun(call, { name: job, ...placeOf(label) }, options)),
    );
  withCommonOptions(command);
}

async function rerun(
  call: CommandCall,
  place: { readonly name: string; readonly origin: string; readonly label: string },
  { sameVersion, downstream = false, force = false, list }: RerunOptions,
) {
  const { out } = call.terminal;
  if (list) {
    const answer = await call.withClient((client) => client.downstream(place));
    call.answer(answer, () => out.write(`${behindText(answer.items)}\n`));
    return done;
  }
  const body = { version: sameVersion ? ("same" as const) : ("inForce" as const), downstream, force };
  const answer = await call.withClient((client) => client.rerunInstance({ ...place, body }));
  call.answer(answer, () => {
    show(call, answer.instance);
    if (downstream) out.write(`${behindText(answer.downstream)}\n`);
  });
  return done;
}

function behindText(items: readonly Behind[]): string {
  if (items.length === 0) return "nothing is behind it";
  return tableLines(items, [
    { title: "planned time", value: ({ label }) => label },
    { title: "job", value: ({ job }) => job },
    { title: "state", value: ({ state }) => state },
    { title: "", value: ({ what, reason }) => (reason === null ? what : `${what}: ${reason}`) },
  ]).join("\n");
}

function addGraph(instances: Command, shell: Shell): void {
  const command = instances
    .command("graph")
    .description("who waits for whom around a job's instances of a planned day, three levels up and down")
    .argument("<job>", "the job's name")
    .option("--date <date>", "planned date (default: today by the workspace's clock)")
    .action((job: string, { date }: { date?: string }, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = await call.withClient((client) => client.instanceGraph({ name: job, query: { date } }));
        call.answer(answer, () => call.terminal.out.write(`${graphText(answer)}\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}

function graphText({ nodes, edges, isCut }: Answered<"instanceGraph">): string {
  if (nodes.length === 0) return "no instances on that day";
  const nameOf = (place: number) => `${nodes[place]?.job} ${nodes[place]?.label}`;
  const rows = nodes.map((node, place) => ({
    ...node,
    waits: edges.filter(({ to }) => to === place).map(({ from }) => nameOf(from)),
  }));
  const lines = tableLines(
    rows.sort((a, b) => a.level - b.level || (a.label < b.label ? -1 : 1)),
    [
      { title: "level", value: ({ level }) => String(level), right: true },
      { title: "planned time", value: ({ label }) => label },
      { title: "job", value: ({ job }) => job },
      { title: "state", value: ({ state }) => state ?? "not made yet" },
      { title: "waits for", value: ({ waits }) => waits.join(", ") || "-" },
    ],
  );
  return [...lines, ...(isCut ? ["more belong to it than are shown"] : [])].join("\n");
}
