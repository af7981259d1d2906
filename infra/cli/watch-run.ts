import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../../shared/api/client/client.js";
import type { Run } from "../../shared/model/run.js";
import type { SplitView } from "../../shared/model/split.js";
import { exitCodes } from "./exit-codes.js";
import { type ProgressFigures, progressLine, progressMeter } from "./progress.js";
import type { Terminal } from "./terminal.js";

/** A run with its splits, as the API tells it. */
export interface WatchedRun {
  readonly run: Run;
  readonly splits: readonly SplitView[];
}

/** How to watch. */
export interface WatchOptions {
  readonly terminal: Terminal;
  /** Nothing on standard error: for `--json`. */
  readonly quiet: boolean;
  /** Clock in epoch ms; tests bring their own. */
  readonly now?: () => number;
}

/** A small job ends within half a second, so the first looks come quickly. */
const FIRST_LOOK_MS = 40;
const LOOK_EVERY_MS = 400;
const PLAIN_LINE_EVERY_MS = 10_000;

const endStates: readonly Run["state"][] = ["succeeded", "failed", "cancelled"];

/** True for a run that will not change any more. */
export function hasEnded({ state }: Pick<Run, "state">): boolean {
  return endStates.includes(state);
}

/**
 * Follows a run to its end with progress on standard error. Ctrl-C cancels the run, a second one leaves it alone.
 *
 * @throws ApiProblem and Unreachable as the client does; the run itself goes on then
 */
export async function watchRun(client: Client, id: string, options: WatchOptions): Promise<WatchedRun> {
  const { terminal, quiet, now = Date.now } = options;
  const display = quiet ? null : progressDisplay(terminal);
  const meter = progressMeter();
  const stopListening = terminal.onInterrupt(cancelOnInterrupt(client, id, options));
  try {
    for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(LOOK_EVERY_MS, pauseMs * 1.4)) {
      const view = await client.run({ id });
      display?.show(meter(view.run, now()), now());
      if (hasEnded(view.run)) return view;
      await sleep(pauseMs);
    }
  } finally {
    stopListening();
    display?.clear();
  }
}

function cancelOnInterrupt(client: Client, id: string, { terminal, quiet }: WatchOptions): () => void {
  let asked = false;
  const tell = (text: string): void => {
    if (!quiet) terminal.err.write(text);
  };
  return () => {
    if (asked) return terminal.leave(exitCodes.cancelled);
    asked = true;
    tell("\ncancelling the run; Ctrl-C again leaves without waiting for it\n");
    client.cancelRun({ id }).catch((error: Error) => tell(`cannot cancel: ${error.message}\n`));
  };
}

interface ProgressDisplay {
  show(figures: ProgressFigures, atMs: number): void;
  clear(): void;
}

function progressDisplay({ err }: Terminal): ProgressDisplay {
  if (!err.isTerminal) return plainLines(err);
  let drawn = false;
  return {
    show(figures) {
      // One less: a full line would make the terminal begin a new one.
      const width = err.width() - 1;
      err.redraw(progressLine(figures, width).slice(0, width));
      drawn = true;
    },
    clear() {
      if (drawn) err.redraw("");
    },
  };
}

function plainLines(err: Terminal["err"]): ProgressDisplay {
  let lastMs: number | null = null;
  return {
    show(figures, atMs) {
      lastMs ??= atMs;
      if (atMs - lastMs < PLAIN_LINE_EVERY_MS) return;
      lastMs = atMs;
      err.write(`${progressLine(figures, 0)}\n`);
    },
    clear: () => {},
  };
}
