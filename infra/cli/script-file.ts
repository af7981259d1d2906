import type { ScriptText } from "./problem.js";
import type { Terminal } from "./terminal.js";
import { readTextFile } from "./text-file.js";

/**
 * Reads a job script; `-` is standard input. A byte order mark is taken off.
 *
 * @throws BadInput when there is no such file, it cannot be read or is not UTF-8
 */
export async function readScriptFile(file: string, terminal: Terminal): Promise<ScriptText> {
  const text = await readTextFile(file, { terminal, what: "a job file" });
  return { file: file === "-" ? "(stdin)" : file, text };
}
