import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { Answered } from "../../../shared/api/client/client.js";
import { counted } from "../../../shared/model/counted.js";
import type { MappedSide, PreviewCell } from "../../../shared/model/mapping.js";
import type { Parameters } from "../api-requests.js";
import { BadInput } from "../bad-input.js";
import { runAndReport } from "../follow-run.js";
import { groupedCounted } from "../numbers.js";
import { collectPairs, positiveInteger } from "../pairs.js";
import { done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";
import type { OutputStream } from "../terminal.js";
import { showWarnings } from "../warnings.js";

interface WritingOptions {
  readonly param?: Parameters;
}

/** Adds `sluice job check|mapping|preview|run`. */
export function addWritingCommands(jobs: Command, shell: Shell): void {
  addCheck(jobs, shell);
  addMapping(jobs, shell);
  addPreview(jobs, shell);
  addRun(jobs, shell);
}

function withDraft(jobs: Command, name: string, description: string): Command {
  return jobs
    .command(name)
    .description(description)
    .argument("<name>", "the stored job's name")
    .option(
      "-p, --param <name=value>",
      "value of a parameter, in place of the stored one; may be repeated",
      collectPairs,
    );
}

function addCheck(jobs: Command, shell: Shell): void {
  const command = withDraft(jobs, "check", "check a job's draft and show everything wrong with it").action(
    (job: string, { param = {} }: WritingOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = await call.withClient((client) => client.validate({ body: { job, parameters: param } }));
        call.answer({ valid: true, ...answer }, () => {
          const { out } = call.terminal;
          showWarnings(answer.warnings, out, null);
          const found = answer.warnings.length === 0 ? "" : `, ${groupedCounted(answer.warnings.length, "warning")}`;
          out.write(`job ${job}: ${out.paint("green", "valid")}${found}\n`);
        });
        return done;
      }),
  );
  withCommonOptions(command);
}

function addMapping(jobs: Command, shell: Shell): void {
  const command = withDraft(jobs, "mapping", "show the columns of both sides of a job's draft side by side").action(
    (job: string, { param = {} }: WritingOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const mapping = await call.withClient((client) => client.mapping({ body: { job, parameters: param } }));
        call.answer(mapping, () => {
          const { out } = call.terminal;
          out.write(`${mappingLines(mapping, out).join("\n")}\n`);
          showWarnings(mapping.warnings, out, null);
        });
        return done;
      }),
  );
  withCommonOptions(command);
}

function mappingLines({ columns, problems }: Answered<"mapping">, out: OutputStream): string[] {
  const side = (one: MappedSide | null) => one?.name ?? "-";
  const type = (one: MappedSide | null) => {
    if (!one) return "";
    const facts = [one.isKey ? "key" : "", one.nullable === false ? "not null" : ""].filter((fact) => fact !== "");
    return [one.type, ...facts].join(", ");
  };
  const styles = { ok: "green", lossy: "yellow", impossible: "red" } as const;
  const lines = tableLines(columns, [
    { title: "from", value: ({ from }) => side(from) },
    { title: "type", value: ({ from }) => type(from) },
    { title: "to", value: ({ to }) => side(to) },
    { title: "type", value: ({ to }) => type(to) },
    { title: "", value: ({ verdict }) => verdict },
    { title: "", value: ({ reasons }) => reasons.join("; ") },
  ]);
  const painted = lines.map((line, i) => {
    const verdict = columns[i - 1]?.verdict;
    return verdict === undefined || verdict === "ok" ? line : out.paint(styles[verdict], line);
  });
  return [...painted, ...problems.map((problem) => out.paint("red", `problem: ${problem}`))];
}

function addPreview(jobs: Command, shell: Shell): void {
  const command = withDraft(
    jobs,
    "preview",
    "show the first records of a job's draft as they would arrive at its target; writes nothing",
  )
    .option("--limit <n>", "how many at most", positiveInteger, 20)
    .action((job: string, { param = {}, limit = 20 }: WritingOptions & { readonly limit?: number }, self: Command) =>
      perform(shell, self, async (call) => {
        const preview = await call.withClient((client) => client.preview({ body: { job, parameters: param, limit } }));
        call.answer(preview, () => {
          const { out } = call.terminal;
          out.write(`${previewLines(preview, out).join("\n")}\n`);
          showWarnings(preview.warnings, out, null);
        });
        return done;
      }),
    );
  withCommonOptions(command);
}

function previewLines({ columns, records, isAll }: Answered<"preview">, out: OutputStream): string[] {
  const numbered = records.map((record, i) => ({ ...record, number: i + 1 }));
  const lines = tableLines(numbered, [
    { title: "", value: ({ number }) => String(number), right: true },
    ...columns.map(({ name }, at) => ({
      title: name,
      value: ({ cells }: { cells: readonly PreviewCell[] }) => cellText(cells[at] ?? null),
    })),
    { title: "", value: ({ dirty }) => (dirty ? `dirty: ${dirty.message} [${dirty.reason}]` : "") },
  ]);
  const painted = lines.map((line, i) => (records[i - 1]?.dirty ? out.paint("yellow", line) : line));
  const dirty = records.filter((record) => record.dirty).length;
  const end = `${counted(records.length, "record")}, ${dirty} dirty; ${isAll ? "there are no more" : "there are more"}`;
  return [...painted, end];
}

const MOST_CELL = 40;

function cellText(cell: PreviewCell): string {
  if (cell === null) return "null";
  const text = typeof cell === "string" ? JSON.stringify(cell).slice(1, -1) : `base64 ${cell.base64}`;
  return text.length > MOST_CELL ? `${text.slice(0, MOST_CELL - 1)}…` : text;
}

function addRun(jobs: Command, shell: Shell): void {
  const command = withDraft(jobs, "run", "run a job's draft and report; in a standard workspace in development")
    .option("--date <yyyy-mm-dd>", "its business date (default: yesterday)")
    .action((job: string, options: WritingOptions & { readonly date?: string }, self: Command) =>
      perform(shell, self, async (call) => {
        const parameters = { ...options.param, ...businessDate(options.date) };
        const request = { job, parameters, idempotencyKey: randomUUID() };
        return call.withClient((client) => runAndReport(call, client, request));
      }),
    );
  withCommonOptions(command);
}

function businessDate(date: string | undefined): Parameters {
  if (date === undefined) return {};
  const digits = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(date)?.slice(1).join("");
  const day = digits?.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3") ?? "";
  if (
    digits === undefined ||
    Number.isNaN(Date.parse(`${day}T00:00Z`)) ||
    !new Date(`${day}T00:00Z`).toISOString().startsWith(day)
  )
    throw new BadInput(`--date ${date}: there is no such day`, "Give it as yyyy-mm-dd, such as 2026-11-28.");
  return { bizdate: digits };
}
