/** Fields that every line of a log carries, such as `run` and `split`. Never put a secret in. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** One JSON object a line on standard output, which FC sends to the log project. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines carry more fields. */
  with(fields: LogFields): Log;
}

/** Makes a log; `write` takes one finished line and is replaced in tests. */
export function createLog(fields: LogFields = {}, write: (line: string) => void = (line) => console.log(line)): Log {
  const say = (level: string) => (message: string, more?: LogFields) =>
    write(JSON.stringify({ level, message, ...fields, ...more }));
  return {
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    with: (more) => createLog({ ...fields, ...more }, write),
  };
}
