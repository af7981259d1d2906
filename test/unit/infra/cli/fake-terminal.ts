import type { OutputStream, Terminal } from "../../../../infra/cli/terminal.js";

/** A terminal that keeps what is written and answers as told. */
export interface FakeTerminal extends Terminal {
  readonly written: { out: string; err: string };
  /** Presses Ctrl-C. */
  interrupt(): void;
  readonly left: number[];
}

/** Makes a fake terminal; off a real one unless `isTerminal`. */
export function fakeTerminal(
  options: {
    env?: Record<string, string>;
    input?: string | Buffer;
    secrets?: string[];
    /** What is typed where it may be seen. */
    typed?: string[];
    isTerminal?: boolean;
    colours?: boolean;
  } = {},
): FakeTerminal {
  const written = { out: "", err: "" };
  const left: number[] = [];
  const handlers = new Set<() => void>();
  const output = (name: "out" | "err"): OutputStream => ({
    write: (text) => {
      written[name] += text;
    },
    redraw: (line) => {
      written[name] += `\r\u001b[2K${line}`;
    },
    isTerminal: options.isTerminal ?? false,
    width: () => 100,
    paint: (style, text) => (options.colours ? `<${style}>${text}</>` : text),
  });
  return {
    out: output("out"),
    err: output("err"),
    env: options.env ?? {},
    readInput: async () => (typeof options.input === "object" ? options.input : Buffer.from(options.input ?? "")),
    askSecret: async () => options.secrets?.shift() ?? null,
    ask: async () => options.typed?.shift() ?? null,
    onInterrupt(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    leave: (code) => left.push(code),
    written,
    left,
    interrupt() {
      for (const handler of handlers) handler();
    },
  };
}
