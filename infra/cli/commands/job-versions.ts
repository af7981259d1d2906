import type { Command } from "commander";
import type { Answered, Client } from "../../../shared/api/client/client.js";
import { counted } from "../../../shared/model/counted.js";
import type { Json } from "../../../shared/model/json.js";
import type { JobComparison, JobHistoryEntry } from "../../../shared/model/stored-job.js";
import { exitCodes } from "../exit-codes.js";
import { localTime } from "../numbers.js";
import { positiveInteger } from "../pairs.js";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";
import type { OutputStream } from "../terminal.js";
import { showWarnings } from "../warnings.js";

interface NoteOptions {
  readonly note?: string;
}

/** Adds `sluice job history|diff|restore|submit|unsubmit`. */
export function addVersionCommands(jobs: Command, shell: Shell): void {
  addHistory(jobs, shell);
  addDiff(jobs, shell);
  addRestore(jobs, shell);
  addSubmit(jobs, shell);
  addChange(jobs, shell, {
    name: "unsubmit",
    description: "take a job out of production: nothing starts it by itself any more; draft, history and runs stay",
    change: (client, name, note) => client.unsubmitJob({ name, body: { note } }),
    resultText: ({ name, lastChange }) => `took job ${name} out of production, where version ${lastChange.of} was`,
  });
}

function addHistory(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("history")
    .description("list the versions of a job, newest first")
    .argument("<name>", "the job's name")
    .option("--limit <n>", "how many at most", positiveInteger, 50)
    .option("--page <mark>", "go on where a list ended")
    .action((name: string, query: { readonly limit?: number; readonly page?: string }, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = await call.withClient((client) =>
          client.jobVersions({ name, query: { limit: query.limit, page: query.page } }),
        );
        call.answer(answer, () => {
          const { out } = call.terminal;
          out.write(`${historyLines(answer.items).join("\n")}\n`);
          if (answer.nextPage !== null) out.write(`more: sluice job history ${name} --page ${answer.nextPage}\n`);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function historyLines(entries: readonly JobHistoryEntry[]): string[] {
  return tableLines(entries, [
    { title: "version", value: ({ version }) => String(version), right: true },
    { title: "what", value: ({ change: { kind, of } }) => (of === null ? kind : `${kind} ${of}`) },
    { title: "when", value: ({ change }) => localTime(change.at) },
    { title: "by", value: ({ change }) => change.by || "-" },
    { title: "note", value: ({ change }) => change.note },
  ]);
}

function addDiff(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("diff")
    .description("show what differs between two versions of a job")
    .argument("<name>", "the job's name")
    .argument("[from]", "the earlier one: a number, draft or production", "production")
    .argument("[to]", "the later one", "draft")
    .action((name: string, from: string, to: string, _options: object, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = await call.withClient((client) => client.jobDiff({ name, query: { from, to } }));
        call.answer(answer, () => showComparison(answer, call.terminal.out));
        return done;
      }),
    );
  withCommonOptions(command);
}

/** Shows what differs between two versions. */
export function showComparison(comparison: JobComparison, out: OutputStream): void {
  const lines = comparisonLines(comparison, out);
  out.write(`${(lines.length === 0 ? ["no difference"] : lines).join("\n")}\n`);
}

function comparisonLines({ fields, script }: JobComparison, out: OutputStream): string[] {
  const side = (sign: "-" | "+", value: Json) =>
    value === null ? [] : [out.paint(sign === "-" ? "red" : "green", `${sign} ${JSON.stringify(value)}`)];
  const changed = fields.flatMap(({ path, before, after }) => [path, ...side("-", before), ...side("+", after)]);
  if (script.diff === "") return changed;
  const head = `script: ${counted(script.added, "line")} added, ${script.removed} removed`;
  return [
    ...changed,
    head,
    ...script.diff
      .trimEnd()
      .split("\n")
      .map((line) => paintedLine(line, out)),
  ];
}

function paintedLine(line: string, out: OutputStream): string {
  if (line.startsWith("-")) return out.paint("red", line);
  if (line.startsWith("+")) return out.paint("green", line);
  return line.startsWith("@") ? out.paint("dim", line) : line;
}

function addRestore(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("restore")
    .description("make an earlier version of a job its draft again")
    .argument("<name>", "the job's name")
    .argument("<version>", "the version's number", positiveInteger)
    .option("--note <text>", "what its history says about this change")
    .action((name: string, version: number, { note = "" }: NoteOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const job = await call.withClient((client) =>
          client.restoreJob({ name, version: String(version), body: { note } }),
        );
        call.answer(job, () =>
          call.terminal.out.write(`restored version ${version} of job ${name} as version ${job.version}\n`),
        );
        return done;
      }),
    );
  withCommonOptions(command);
}

function addSubmit(jobs: Command, shell: Shell): void {
  const command = jobs
    .command("submit")
    .description("publish a job's draft to production, in a standard workspace")
    .argument("<name>", "the job's name")
    .option("--note <text>", "what its history says about this change")
    .option("--check", "only show what keeps it from production, and what would change there")
    .action((name: string, { note = "", check }: NoteOptions & { readonly check?: boolean }, self: Command) =>
      perform(shell, self, async (call) => {
        const { out } = call.terminal;
        if (check) {
          const answer = await call.withClient((client) => client.submissionCheck({ name }));
          call.answer(answer, () => showSubmission(answer, out));
          return answer.reasons.length === 0 ? done : exitCodes.failed;
        }
        const job = await call.withClient((client) => client.submitJob({ name, body: { note } }));
        call.answer(job, () => {
          if (job.changes) showComparison(job.changes, out);
          showWarnings(job.warnings, out, null);
          out.write(`submitted job ${job.name}, version ${job.production?.version}\n`);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function showSubmission({ reasons, warnings, changes }: Answered<"submissionCheck">, out: OutputStream): void {
  for (const { code, message } of reasons) out.write(`${out.paint("red", "reason")}: ${message}  [${code}]\n`);
  showWarnings(warnings, out, null);
  if (changes) showComparison(changes, out);
  else out.write("nothing of it is in production yet\n");
  if (reasons.length === 0) out.write("it can be submitted\n");
}

/** A command that changes what of a job is in production. */
interface ProductionChange {
  readonly name: string;
  readonly description: string;
  change(client: Client, name: string, note: string): Promise<Answered<"unsubmitJob">>;
  resultText(job: Answered<"unsubmitJob">): string;
}

function addChange(
  jobs: Command,
  shell: Shell,
  { name: verb, description, change, resultText }: ProductionChange,
): void {
  const command = jobs
    .command(verb)
    .description(description)
    .argument("<name>", "the job's name")
    .option("--note <text>", "what its history says about this change")
    .action((name: string, { note = "" }: NoteOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const job = await call.withClient((client) => change(client, name, note));
        call.answer(job, () => call.terminal.out.write(`${resultText(job)}\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}
