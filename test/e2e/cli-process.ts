import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A finished command. */
export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. */
export interface Started {
  readonly pid: number;
  /** Resolves once the text stands on standard output or standard error; rejects when the command ends before. */
  says(text: string): Promise<void>;
  /** Presses Ctrl-C. */
  interrupt(): void;
  readonly finished: Promise<Finished>;
}

const root = path.resolve(import.meta.dirname, "../..");

/** Path of a file of the repository. */
export function repositoryFile(file: string): string {
  return path.join(root, file);
}

/** Starts a built program of `dist/cli` in a folder, with an environment free of Sluice's own variables. */
export function startProgram(
  program: "sluice" | "demo",
  args: readonly string[],
  options: { folder: string; env?: Record<string, string>; input?: string },
): Started {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(SLUICE_|NO_COLOR|FORCE_COLOR|VITEST)/.test(name),
  );
  const child = spawn(process.execPath, [path.join(root, "dist/cli", `${program}.js`), ...args], {
    cwd: options.folder,
    env: { ...Object.fromEntries(inherited), ...options.env },
    stdio: "pipe",
    // A group of its own: Ctrl-C at a terminal reaches a command and everything it started.
    detached: true,
  });
  const seen = { out: "", err: "" };
  const listeners = new Set<() => void>();
  for (const [name, stream] of [["out", child.stdout] as const, ["err", child.stderr] as const]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      seen[name] += chunk;
      for (const listener of listeners) listener();
    });
  }
  child.stdin.end(options.input ?? "");
  // A test that ran out of time leaves its command behind: it ends with the tests.
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  const finished = new Promise<Finished>((resolve) => child.on("close", (code) => resolve({ code, ...seen })));
  return {
    pid: child.pid ?? 0,
    finished,
    interrupt: () => void process.kill(-(child.pid ?? 0), "SIGINT"),
    says: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (seen.out.includes(text) || seen.err.includes(text)) resolve();
        };
        listeners.add(check);
        check();
        void finished.then(() => reject(new Error(`never said "${text}": ${seen.out}${seen.err}`)));
      }),
  };
}

/** Runs the command to its end. */
export function sluice(
  args: readonly string[],
  options: { folder: string; env?: Record<string, string>; input?: string },
): Promise<Finished> {
  return startProgram("sluice", args, options).finished;
}

/** Makes an empty folder; the returned function removes it. */
export async function scratchFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-cli-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
