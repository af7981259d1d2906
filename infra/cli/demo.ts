import { performance } from "node:perf_hooks";
import { closing, opening, play, whatNext } from "./demo/show.js";
import { openStage } from "./demo/stage.js";
import { exitCodeOfError, exitCodes } from "./exit-codes.js";
import { showError } from "./problem.js";
import { processTerminal, type Terminal } from "./terminal.js";

/** Shows the whole of Sluice in under 30 s with nothing but Node; exits with 1 when anything is not as it must be. */
async function demo(terminal: Terminal): Promise<number> {
  const startedMs = performance.now();
  const stage = await openStage();
  try {
    terminal.out.write(opening(stage, startedMs));
    await play(stage, terminal);
    terminal.out.write(`\n${closing(startedMs)}${whatNext(terminal.out)}`);
    return exitCodes.done;
  } finally {
    await stage.close();
  }
}

const terminal = processTerminal();
demo(terminal).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    showError(error, terminal.err, null);
    process.exitCode = exitCodeOfError(error);
  },
);
