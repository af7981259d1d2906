import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";
import { readUpTo } from "./read-up-to.js";
import { visible } from "./visible.js";

/** The few styles that the command uses. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** One of the two output streams. */
export interface OutputStream {
  /** Writes text; lines bring their own line feed. Control characters, which may come from data, are shown instead of obeyed. */
  write(text: string): void;
  /** Writes over the line that the cursor stands in; an empty text clears it. */
  redraw(line: string): void;
  readonly isTerminal: boolean;
  /** Width in characters; 80 off a terminal. */
  width(): number;
  /** The text in a style, or as it is where colours are off. */
  paint(style: Style, text: string): string;
}

/** All that a command may touch of the process it runs in; tests bring their own. */
export interface Terminal {
  readonly out: OutputStream;
  readonly err: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What is on standard input; of more than `maxBytes` only the beginning, and a little more than that. */
  readInput(maxBytes: number): Promise<Buffer>;
  /**
   * Asks for a secret without showing it; empty when nothing was typed.
   * Null when nobody can be asked: standard input is no terminal.
   */
  askSecret(question: string): Promise<string | null>;
  /** Asks for something that may be seen. Null when nobody can be asked. */
  ask(question: string): Promise<string | null>;
  /** Calls back at each Ctrl-C or request to end, until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
  /** Leaves at once, without cleaning up: for the second Ctrl-C. */
  leave(code: number): void;
}

/** The process's own terminal. */
export function processTerminal(): Terminal {
  return {
    out: outputOf(process.stdout, process.env),
    err: outputOf(process.stderr, process.env),
    env: process.env,
    readInput: (maxBytes) => readUpTo(process.stdin, maxBytes),
    askSecret,
    ask,
    onInterrupt(handler) {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, handler);
      return () => {
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, handler);
      };
    },
    leave: (code) => process.exit(code),
  };
}

/** Begins our own colours until they are written: no data can have it, for it is another one in each process. */
const MARK = `\ufdd0${randomBytes(8).toString("hex")}\ufdd1`;

/** An output over a stream of the process. */
export function outputOf(
  stream: Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">,
  env: Readonly<Record<string, string | undefined>>,
): OutputStream {
  const isTerminal = stream.isTTY === true;
  const colours = wantsColours(env, { isTerminal });
  return {
    write: (text) => void stream.write(displayText(text)),
    redraw: (line) => void stream.write(`\r\u001b[2K${displayText(line)}`),
    isTerminal,
    width: () => (isTerminal ? stream.columns : 80) || 80,
    paint: (style, line) => (colours ? painted(style, line) : line),
  };
}

function displayText(text: string): string {
  return visible(text).replaceAll(MARK, "\u001b");
}

function painted(style: Style, line: string): string {
  const [open = "", close = ""] = styleText(style, "|", { validateStream: false }).split("|");
  return `${open.replace("\u001b", MARK)}${line}${close.replace("\u001b", MARK)}`;
}

/**
 * Whether a stream gets colours: `FORCE_COLOR` wins over `NO_COLOR`, as it does in Node itself; without either a terminal decides.
 */
export function wantsColours(
  env: Readonly<Record<string, string | undefined>>,
  { isTerminal }: Pick<OutputStream, "isTerminal">,
): boolean {
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== "0" && force !== "false";
  if (env.NO_COLOR) return false;
  return isTerminal && env.TERM !== "dumb";
}

async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(visible(question))).trim();
  } finally {
    lines.close();
  }
}

/** Raw mode, so that nothing is echoed; Ctrl-C and Ctrl-D give up. */
async function askSecret(question: string): Promise<string | null> {
  const input = process.stdin;
  if (!input.isTTY) return null;
  // Before the question: what is typed the moment it appears must not be echoed either.
  input.setRawMode(true);
  input.setEncoding("utf8");
  process.stderr.write(visible(question));
  try {
    return await typedLine(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    process.stderr.write("\n");
  }
}

function typedLine(input: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve) => {
    let typed = "";
    const end = (value: string): void => {
      input.off("data", take);
      resolve(value);
    };
    const take = (chunk: string | Buffer): void => {
      for (const key of chunk.toString()) {
        const givesUp = key === "\u0003" || key === "\u0004";
        if (givesUp || key === "\r" || key === "\n") {
          end(givesUp ? "" : typed);
          break;
        }
        typed = key === "\u007f" || key === "\b" ? typed.slice(0, -1) : typed + key;
      }
    };
    input.on("data", take);
    input.resume();
  });
}
