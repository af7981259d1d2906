import { type Command, Option } from "commander";
import { type Run, type RunState, runStates } from "../../../shared/model/run.js";
import { exitCodeOfRun } from "../exit-codes.js";
import { groupedCount, localTime } from "../numbers.js";
import { positiveInteger } from "../pairs.js";
import { runFigures } from "../run-figures.js";
import { showReport, splitLines, stateText } from "../run-report.js";
import { type CommandCall, done, perform, type Shell, withCommonOptions } from "../shell.js";
import { tableLines } from "../table.js";
import { type WatchedRun, watchRun } from "../watch-run.js";

interface RunsOptions {
  readonly job?: string;
  readonly state?: RunState;
  readonly limit?: number;
  readonly page?: string;
  readonly watch?: boolean;
}

/** Adds `sluice runs`. */
export function addRunsCommand(program: Command, shell: Shell): void {
  const command = program
    .command("runs")
    .description("list runs, newest first, or show one with its splits")
    .argument("[id]", "a run's id")
    .option("--job <name>", "only runs of this stored job")
    .addOption(new Option("--state <state>", "only runs in this state").choices(runStates))
    .option("--limit <n>", "how many at most", positiveInteger, 20)
    .option("--page <mark>", "go on where a list ended")
    .option("--watch", "with an id: follow the run to its end and exit with its code")
    .action((id: string | undefined, options: RunsOptions, self: Command) =>
      perform(shell, self, (call) =>
        id === undefined ? listRuns(call, options) : showOne(call, id, { watch: options.watch === true }),
      ),
    );
  withCommonOptions(command);
}

async function showOne(call: CommandCall, id: string, { watch }: { watch: boolean }) {
  const { terminal, json } = call;
  const { run, splits } = await call.withClient<WatchedRun>((client) =>
    watch ? watchRun(client, id, { terminal, quiet: json }) : client.run({ id }),
  );
  call.answer({ run, splits, figures: runFigures(run, splits) }, () => {
    showReport(run, splits, { output: terminal.out });
    if (splits.length > 0) terminal.out.write(`\n${splitLines(splits).join("\n")}\n`);
  });
  return watch ? exitCodeOfRun(run) : done;
}

async function listRuns(call: CommandCall, { job, state, limit, page }: RunsOptions) {
  const answer = await call.withClient((client) => client.runs({ query: { job, state, limit, page } }));
  const { out } = call.terminal;
  call.answer(answer, () => {
    if (answer.items.length === 0) return out.write("no runs yet\n");
    out.write(`${runLines(answer.items, (run) => stateText(run.state, out)).join("\n")}\n`);
    if (answer.nextPage !== null) out.write(`more: sluice runs --page ${answer.nextPage}\n`);
  });
  return done;
}

/** The state comes last: its colour codes would spoil the widths of columns after it. */
function runLines(runs: readonly Run[], stateOf: (run: Run) => string): string[] {
  return tableLines(runs, [
    { title: "run", value: ({ id }) => id },
    { title: "created", value: ({ createdAt }) => localTime(createdAt) },
    { title: "job", value: ({ job }) => job ?? "-" },
    { title: "by", value: ({ trigger }) => trigger.kind },
    { title: "what", value: ({ reader, writer }) => `${reader} → ${writer}` },
    { title: "written", value: ({ counters }) => groupedCount(counters.written), right: true },
    { title: "dirty", value: ({ counters }) => groupedCount(counters.dirty), right: true },
    { title: "state", value: stateOf },
  ]);
}
