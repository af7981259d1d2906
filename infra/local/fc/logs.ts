/** One line that a function wrote, or that the platform wrote about it. */
export interface LogLine {
  readonly functionName: string;
  readonly requestId: string;
  readonly instanceId: string;
  readonly line: string;
}

/** Told every line as it arrives. */
export type LogListener = (line: LogLine) => void;

/** Log lines by request id: the latest requests, the latest lines of each. */
export interface Logs {
  write(line: LogLine): void;
  /** Lines of one request, oldest first; empty when it is unknown or long gone. */
  of(requestId: string): readonly string[];
  /** The last 4 KB of a request's log, as the header `x-fc-log-result` carries it before base64. */
  tail(requestId: string): Buffer;
}

const KEPT_REQUESTS = 500;
const KEPT_LINES = 500;
const TAIL_BYTES = 4096;

/** Makes an empty log. */
export function createLogs(listener?: LogListener): Logs {
  const requests = new Map<string, string[]>();
  return {
    write(line) {
      const lines = requests.get(line.requestId) ?? [];
      if (lines.length === 0) requests.set(line.requestId, lines);
      lines.push(line.line);
      if (lines.length > KEPT_LINES) lines.shift();
      const [oldest] = requests.keys();
      if (requests.size > KEPT_REQUESTS && oldest !== undefined) requests.delete(oldest);
      listener?.(line);
    },
    of: (requestId) => requests.get(requestId) ?? [],
    tail: (requestId) =>
      Buffer.from((requests.get(requestId) ?? []).map((line) => `${line}\n`).join("")).subarray(-TAIL_BYTES),
  };
}
