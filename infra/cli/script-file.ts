import { readFile } from "node:fs/promises";
import { BadInput } from "./failures.js";
import type { ScriptText } from "./problem.js";
import type { Terminal } from "./terminal.js";

/**
 * Reads a job script; `-` is standard input. A byte order mark is taken off.
 *
 * @throws BadInput when there is no such file or it cannot be read
 */
export async function readScript(file: string, terminal: Terminal): Promise<ScriptText> {
  if (file === "-") return { file: "(stdin)", text: withoutMark(await terminal.readInput()) };
  try {
    return { file, text: withoutMark(await readFile(file, "utf8")) };
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const what = reason === "ENOENT" ? "there is no such file" : reason === "EISDIR" ? "that is a folder" : reason;
    throw new BadInput(`cannot read ${file}: ${what}`, "Name a job file, or - for standard input.", { cause });
  }
}

function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, "");
}
