import { type Command, InvalidArgumentError } from "commander";
import { type ComingTime, comingTimes } from "../../../shared/calendar/coming-times.js";
import { checkCron } from "../../../shared/calendar/cron-text.js";
import { withFixedTime } from "../../../shared/calendar/cycle.js";
import type { Recurrence } from "../../../shared/calendar/occurrences.js";
import type { Cycle } from "../../../shared/model/cycle.js";
import { BadInput } from "../bad-input.js";
import { cycleOf } from "../json-options.js";
import { positiveInteger } from "../pairs.js";
import { type CommandCall, done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";

interface CalendarOptions {
  readonly cron?: string;
  readonly cycle?: Cycle;
  readonly timeZone?: string;
  readonly elapsed?: boolean;
  readonly count: number;
  readonly from?: string;
}

/** Adds `sluice calendar`. */
export function addCalendarCommand(program: Command, shell: Shell): void {
  const command = program
    .command("calendar")
    .description("print the next planned times of a stored job or of a schedule, with what the clocks do on these days")
    .argument("[job]", "a stored job; what is published of it, else its draft")
    .option("--count <n>", "how many", positiveInteger, 10)
    .option("--from <time>", "after this ISO time (default: now)", isoTime)
    .optionsGroup("Instead of a job:")
    .option("--cron <expression>", "six fields, such as '0 30 2 * * *'")
    .option("--cycle <json>", 'such as {"every":"month","days":["last"],"at":"02:00"}, see docs/schedules.md', cycleOf)
    .option("--zone, --time-zone <zone>", "zone of the schedule, such as Asia/Shanghai (default: UTC)")
    .option("--elapsed", "follow the time that goes by, not the clock: cycles of minutes and hours only")
    .action((job: string | undefined, options: CalendarOptions, self: Command) =>
      perform(shell, self, async (call) => {
        const answer = job === undefined ? schedule(options) : await ofJob(call, job, options);
        call.answer(answer, () => call.terminal.out.write(`${linesOf(answer.times, job)}\n`));
        return done;
      }),
    );
  withCommonOptions(command);
}

interface Answer {
  readonly times: readonly ComingTime[];
}

function schedule(options: CalendarOptions): Answer {
  const { cron, cycle, timeZone = "UTC", elapsed, count, from } = options;
  if ((cron === undefined) === (cycle === undefined))
    throw new BadInput("no schedule to show", "Name a stored job, or give --cron or --cycle.");
  if (cron !== undefined) checkCron(cron);
  const recurrence: Recurrence = {
    cycle: cycle ? withFixedTime(cycle, "") : { every: "cron", cron: cron ?? "" },
    timeZone,
    clock: elapsed ? "elapsed" : "wall",
    effective: { from: null, to: null },
    spread: null,
  };
  return { times: comingTimes(recurrence, from === undefined ? Date.now() : Date.parse(from), count) };
}

function ofJob(call: CommandCall, job: string, options: CalendarOptions): Promise<Answer> {
  const { cron, cycle, timeZone, elapsed, count, from } = options;
  if ([cron, cycle, timeZone, elapsed].some((given) => given !== undefined))
    throw new BadInput("a job and a schedule", "Name a stored job, or give --cron or --cycle with --zone.");
  return call.withClient((client) => client.calendar({ name: job, query: { count, from } }));
}

function linesOf(times: readonly ComingTime[], job: string | undefined): string {
  if (times.length === 0) return job === undefined ? "there are none" : `job ${job} has no schedule`;
  return tableLines(times, [
    { title: "planned time", value: ({ label }) => label },
    { title: "business date", value: ({ businessDate }) => businessDate },
    { title: "due", value: ({ due }) => due },
    { title: "", value: ({ note }) => note ?? "" },
  ]).join("\n");
}

function isoTime(text: string): string {
  if (!/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError("Give an ISO time such as 2026-10-24 or 2026-10-24T12:00:00Z.");
  return text;
}
