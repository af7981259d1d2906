import { Argument, type Command } from "commander";
import type { Answered } from "../../../shared/api/client/client.js";
import type { Cycle } from "../../../shared/model/cycle.js";
import { type Edge, type JobPolicies, type ScheduleMode, scheduleModes } from "../../../shared/model/job-schedule.js";
import type { JobSummary, StoredJob } from "../../../shared/model/stored-job.js";
import type { JobRequest, Parameters } from "../api-requests.js";
import { BadInput } from "../bad-input.js";
import { cycleOf, dependenciesOf, policiesOf } from "../json-options.js";
import { localTime } from "../numbers.js";
import { collectPairs, positiveInteger } from "../pairs.js";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";
import { addVersionCommands } from "./job-versions.js";
import { addWritingCommands } from "./job-writing.js";

interface StartOptions {
  readonly cron?: string;
  readonly cycle?: Cycle;
  readonly dependencies?: Edge[];
  readonly policies?: JobPolicies;
  readonly timeZone?: string;
  readonly bucket?: string;
  readonly prefix?: string;
  readonly suffix?: string;
}

interface PutOptions extends StartOptions {
  readonly param?: Parameters;
  readonly folder?: string;
  readonly owner?: string;
  readonly description?: string;
  readonly note?: string;
}

interface EditOptions extends Omit<PutOptions, "prefix" | "suffix"> {
  readonly script?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  /** False = `--no-schedule`. */
  readonly schedule?: boolean;
  /** False = `--no-upload`. */
  readonly upload?: boolean;
}

interface ListOptions {
  readonly folder?: string;
  readonly search?: string;
  readonly limit?: number;
  readonly page?: string;
}

/** Adds `sluice job …`. */
export function addJobCommands(program: Command, shell: Shell): void {
  const jobs = program.command("job").description("stored jobs, with their schedule and upload subscription");
  addPut(jobs, shell);
  addEdit(jobs, shell);
  addList(jobs, shell);
  addShow(jobs, shell);
  addMode(jobs, shell);
  addVersionCommands(jobs, shell);
  addWritingCommands(jobs, shell);
}

function addPut(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("put")
    .description("store a job file under a name; the stored job is replaced")
    .argument("<name>", "the job's name")
    .argument("<file>", "job file; - reads standard input");
  withJobOptions(command).action((name: string, file: string, options: PutOptions, self: Command) =>
    perform(shell, self, async (call) => {
      const { text } = await call.readScript(file);
      const { param, folder, owner, description, note } = options;
      const about = { folder, owner, description, note };
      const body: JobRequest = { script: text, parameters: param ?? {}, ...about, ...startsOf(options) };
      const job = await call.withClient((client) => client.putJob({ name, body }));
      call.answer(job, () => call.terminal.out.write(storedText(job)));
      return done;
    }),
  );
  withCommonOptions(command);
}

function storedText(job: Answered<"putJob">): string {
  return `stored job ${job.name}, version ${job.version}${startsText(job)}\n`;
}

function withJobOptions(command: Command): Command {
  return command
    .option(
      "-p, --param <name=value>",
      "value of a parameter in scheduled and upload runs; may be repeated",
      collectPairs,
    )
    .option("--folder <path>", "where lists show it, such as sales/daily")
    .option("--owner <who>", "who answers for it (default: whoever stores it first)")
    .option("--description <text>", "what it is for")
    .option("--note <text>", "what its history says about this change")
    .optionsGroup("Start by schedule:")
    .option("--cron <expression>", "when to run, such as '0 30 2 * * *'")
    .option(
      "--cycle <json>",
      'instead, such as {"every":"month","days":["last"],"at":"02:00"}, see docs/schedules.md',
      cycleOf,
    )
    .option("--dependencies <json>", "list of what its instances wait for, see docs/schedules.md", dependenciesOf)
    .option("--policies <json>", "how its instances are run and repeated, see docs/schedules.md", policiesOf)
    .option("--time-zone <zone>", "zone of the schedule, such as Asia/Shanghai (default: the workspace's)")
    .optionsGroup("Start by upload:")
    .option("--bucket <bucket>", "run for each object that arrives in this bucket")
    .option("--prefix <text>", "only objects whose key begins so")
    .option("--suffix <text>", "only objects whose key ends so");
}

function addEdit(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("edit")
    .description("change a stored job; what is not given stays")
    .argument("<name>", "the job's name")
    .option("--script <file>", "another job file; - reads standard input");
  withJobOptions(command)
    .option("--no-schedule", "no schedule starts it any more")
    .option("--no-upload", "no upload starts it any more")
    .action((name: string, options: EditOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const text = options.script === undefined ? undefined : (await call.readScript(options.script)).text;
        const job = await call.withClient(async (client) => {
          const before = await client.job({ name });
          const body = { ...editedJob(before, options), ...(text !== undefined && { script: text }) };
          return client.putJob({ name, body, ifMatch: before.version });
        });
        call.answer(job, () => call.terminal.out.write(storedText(job)));
        return done;
      }),
    );
  withCommonOptions(command);
}

function editedJob(before: StoredJob, options: EditOptions): Omit<JobRequest, "script"> {
  const { folder, owner, description, note, param, cron, cycle, bucket } = options;
  const timeZone = options.timeZone ?? before.schedule?.timeZone;
  const schedule = options.schedule === false ? null : before.schedule;
  const subscription = options.upload === false ? null : before.subscription;
  const others = { prefix: options.prefix ?? "", suffix: options.suffix ?? "" };
  return {
    folder: folder ?? before.folder,
    owner: owner ?? before.owner,
    description: description ?? before.description,
    ...(note !== undefined && { note }),
    parameters: { ...before.parameters, ...param },
    dependencies: options.dependencies ?? [...(before.dependencies ?? [])],
    policies: options.policies ?? before.policies ?? {},
    schedule:
      (cron ?? cycle) === undefined
        ? rezoned(schedule, options.timeZone)
        : { ...schedule, cron: undefined, cycle: undefined, ...timesOf(options), timeZone },
    subscription: bucket === undefined ? refiltered(subscription, options) : { bucket, ...others },
  };
}

function rezoned(schedule: StoredJob["schedule"], timeZone: string | undefined): StoredJob["schedule"] {
  if (timeZone === undefined || schedule) return schedule && { ...schedule, timeZone: timeZone ?? schedule.timeZone };
  throw new BadInput("--time-zone without a schedule", "Give --cron or --cycle too.");
}

function refiltered(
  subscription: StoredJob["subscription"],
  { prefix, suffix }: EditOptions,
): StoredJob["subscription"] {
  if (subscription)
    return { ...subscription, prefix: prefix ?? subscription.prefix, suffix: suffix ?? subscription.suffix };
  if (prefix === undefined && suffix === undefined) return null;
  throw new BadInput("--prefix and --suffix need --bucket", "Name the bucket to watch.");
}

function timesOf({ cron, cycle }: StartOptions) {
  if (cron !== undefined && cycle !== undefined) throw new BadInput("--cron and --cycle", "Give one of them.");
  return cron === undefined ? { cycle } : { cron };
}

function startsOf(options: StartOptions): Omit<JobRequest, "script" | "parameters"> {
  const { cron, cycle, timeZone, bucket, prefix, suffix, dependencies, policies } = options;
  const isTimed = cron !== undefined || cycle !== undefined;
  if (!isTimed && timeZone !== undefined) throw new BadInput("--time-zone without --cron or --cycle", "Give both.");
  if (bucket === undefined && (prefix !== undefined || suffix !== undefined))
    throw new BadInput("--prefix and --suffix need --bucket", "Name the bucket to watch.");
  return {
    ...(isTimed && { schedule: { ...timesOf(options), timeZone } }),
    ...(dependencies && { dependencies }),
    ...(policies && { policies }),
    ...(bucket !== undefined && { subscription: { bucket, prefix: prefix ?? "", suffix: suffix ?? "" } }),
  };
}

function startsText({ schedule, subscription }: Pick<JobSummary, "schedule" | "subscription">): string {
  const parts = [
    ...(schedule ? [`runs ${cycleText(schedule)} (${schedule.timeZone})`] : []),
    ...(subscription ? [`on uploads to ${subscription.bucket}/${subscription.prefix}*${subscription.suffix}`] : []),
  ];
  return parts.length === 0 ? "" : `, ${parts.join(" and ")}`;
}

function cycleText({ cron, cycle }: NonNullable<JobSummary["schedule"]>): string {
  if (!cycle) return `at ${cron}`;
  const { every, ...rest } = cycle;
  const parts = Object.entries(rest).map(([key, value]) => `${key} ${[value].flat().join(",")}`);
  return [`every ${every}`, ...parts].join(", ");
}

function addList(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("list")
    .description("list stored jobs")
    .option("--folder <path>", "only those in this folder and below")
    .option("--search <text>", "only those with this in name or description")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .action(({ limit, page, folder, search }: ListOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = await call.withClient((client) => client.jobs({ query: { limit, page, folder, search } }));
        const { out } = call.terminal;
        call.answer(answer, () => {
          if (answer.items.length === 0 && (folder ?? search) !== undefined) return out.write("no such jobs\n");
          if (answer.items.length === 0) return out.write("no jobs stored yet: sluice job put <name> <file>\n");
          out.write(`${jobLines(answer.items).join("\n")}\n`);
          if (answer.nextPage !== null) out.write(`more: sluice job list --page ${answer.nextPage}\n`);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function jobLines(jobs: readonly JobSummary[]): string[] {
  return tableLines(jobs, [
    { title: "job", value: ({ name }) => name },
    { title: "folder", value: ({ folder }) => folder || "-" },
    { title: "owner", value: ({ owner }) => owner || "-" },
    { title: "version", value: ({ version }) => String(version), right: true },
    { title: "updated", value: ({ updatedAt }) => localTime(updatedAt) },
    { title: "starts", value: (job) => startsText(job).replace(/^, /, "") || "by hand" },
  ]);
}

function addShow(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("show")
    .description("show a stored job with its script")
    .argument("<name>", "the job's name")
    .action((name: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const job = await call.withClient((client) => client.job({ name }));
        call.answer(job, () => {
          const parameters = Object.entries(job.parameters).map(([key, value]) => `, ${key}=${value}`);
          const head = `job ${job.name}, version ${job.version}${startsText(job)}${parameters.join("")}`;
          call.terminal.err.write(`${head}\n`);
          call.terminal.out.write(`${job.script.trimEnd()}\n`);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function addMode(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("mode")
    .description("pause, freeze or resume a job's schedule, or have its instances succeed without running")
    .argument("<name>", "the job's name")
    .addArgument(new Argument("<mode>", "how its schedule is carried out").choices(scheduleModes))
    .action((name: string, mode: ScheduleMode, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = await call.withClient((client) => client.changeJobMode({ name, body: { mode } }));
        call.answer(answer, () => call.terminal.out.write(`the schedule of job ${name} is ${mode}\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}
