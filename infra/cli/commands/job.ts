import type { Command } from "commander";
import type { JobSummary } from "../../../shared/model/stored-job.js";
import type { JobRequest, Parameters } from "../api-requests.js";
import { BadInput } from "../bad-input.js";
import { localTime } from "../numbers.js";
import { collectPairs, positiveInteger } from "../pairs.js";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";

interface PutOptions {
  readonly cron?: string;
  readonly timeZone?: string;
  readonly bucket?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly param?: Parameters;
}

interface ListOptions {
  readonly limit?: number;
  readonly page?: string;
}

/** Adds `sluice job put|submit|list|show`. */
export function addJobCommands(program: Command, shell: Shell): void {
  const jobs = program.command("job").description("stored jobs, with their schedule and upload subscription");
  addPut(jobs, shell);
  addSubmit(jobs, shell);
  addList(jobs, shell);
  addShow(jobs, shell);
}

function addPut(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("put")
    .description("store a job file under a name; the stored job is replaced")
    .argument("<name>", "the job's name")
    .argument("<file>", "job file; - reads standard input")
    .option(
      "-p, --param <name=value>",
      "value of a parameter in scheduled and upload runs; may be repeated",
      collectPairs,
    )
    .optionsGroup("Start by schedule:")
    .option("--cron <expression>", "when to run, such as '0 30 2 * * *'")
    .option("--time-zone <zone>", "zone of the schedule, such as Asia/Shanghai (default: the workspace's)")
    .optionsGroup("Start by upload:")
    .option("--bucket <bucket>", "run for each object that arrives in this bucket")
    .option("--prefix <text>", "only objects whose key begins so")
    .option("--suffix <text>", "only objects whose key ends so")
    .action((name: string, file: string, options: PutOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const { text } = await call.readScript(file);
        const body: JobRequest = { script: text, parameters: options.param ?? {}, ...startsOf(options) };
        const job = await call.withClient((client) => client.putJob({ name, body }));
        call.answer(job, () =>
          call.terminal.out.write(`stored job ${job.name}, version ${job.version}${startsText(job)}\n`),
        );
        return done;
      }),
    );
  withCommonOptions(command);
}

function startsOf({ cron, timeZone, bucket, prefix, suffix }: PutOptions): Omit<JobRequest, "script" | "parameters"> {
  if (cron === undefined && timeZone !== undefined) throw new BadInput("--time-zone without --cron", "Give both.");
  if (bucket === undefined && (prefix !== undefined || suffix !== undefined))
    throw new BadInput("--prefix and --suffix need --bucket", "Name the bucket to watch.");
  return {
    ...(cron !== undefined && { schedule: { cron, timeZone } }),
    ...(bucket !== undefined && { subscription: { bucket, prefix: prefix ?? "", suffix: suffix ?? "" } }),
  };
}

function startsText({ schedule, subscription }: Pick<JobSummary, "schedule" | "subscription">): string {
  const parts = [
    ...(schedule ? [`runs at ${schedule.cron} (${schedule.timeZone})`] : []),
    ...(subscription ? [`on uploads to ${subscription.bucket}/${subscription.prefix}*${subscription.suffix}`] : []),
  ];
  return parts.length === 0 ? "" : `, ${parts.join(" and ")}`;
}

function addSubmit(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("submit")
    .description("publish a job's draft to production, in a standard workspace")
    .argument("<name>", "the job's name")
    .action((name: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const job = await call.withClient((client) => client.submitJob({ name }));
        call.answer(job, () =>
          call.terminal.out.write(`submitted job ${job.name}, version ${job.production?.version}\n`),
        );
        return done;
      }),
    );
  withCommonOptions(command);
}

function addList(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("list")
    .description("list stored jobs")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .action(({ limit, page }: ListOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = await call.withClient((client) => client.jobs({ query: { limit, page } }));
        const { out } = call.terminal;
        call.answer(answer, () => {
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
