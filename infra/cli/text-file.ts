import { createReadStream } from "node:fs";
import { BadInput } from "./bad-input.js";
import { readUpTo } from "./read-up-to.js";
import type { Terminal } from "./terminal.js";

/** What a file is to be, for the message when it cannot be read. */
export interface TextFileOptions {
  readonly terminal: Terminal;
  /** Such as `a job file`. */
  readonly what: string;
}

/**
 * Reads a text file; `-` is standard input. A byte order mark is taken off.
 *
 * @throws BadInput when there is no such file, it cannot be read, is longer than any request, or not UTF-8: what a wrong decoding makes of
 *   names and constants would pass as text
 */
export async function readTextFile(file: string, { terminal, what }: TextFileOptions): Promise<string> {
  const name = file === "-" ? "standard input" : file;
  const bytes = file === "-" ? await terminal.readInput(MAX_BYTES + 1) : await bytesOf(file, what);
  if (bytes.length > MAX_BYTES) throw new BadInput(`${name} has more than ${MAX_BYTES} bytes`, `Name ${what}.`);
  return decoded(bytes, name);
}

/** What the API takes of one request; a device or a pipe may have no end. */
const MAX_BYTES = 4 * 1024 * 1024;

async function bytesOf(file: string, what: string): Promise<Buffer> {
  try {
    return await readUpTo(createReadStream(file, { end: MAX_BYTES }), MAX_BYTES + 1);
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const causes: Readonly<Record<string, string>> = {
      ENOENT: "there is no such file",
      ENOTDIR: "there is no such file",
      EISDIR: "that is a folder",
      EACCES: "you may not read it",
    };
    throw new BadInput(`cannot read ${file}: ${causes[reason] ?? reason}`, `Name ${what}, or - for standard input.`, {
      cause,
    });
  }
}

function decoded(bytes: Buffer, name: string): string {
  const wide = wideEncoding(bytes);
  if (wide) throw new BadInput(`${name} is ${wide} text, not UTF-8`, "Save it as UTF-8.");
  if (bytes.includes(0)) throw new BadInput(`${name} is no text: it holds zero bytes`, "Name a text file, in UTF-8.");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const line = lineOfFault(bytes);
    throw new BadInput(`${name} is not UTF-8 text: see line ${line}`, "Save it as UTF-8; editors often write GBK.", {
      cause,
    });
  }
}

/** By its byte order mark, or by the zero beside the first letter. */
function wideEncoding(bytes: Buffer): string | null {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return null;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return "UTF-16";
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? "UTF-16" : null;
}

/** 1-based; the first line that is not UTF-8. */
function lineOfFault(bytes: Buffer): number {
  const marked = bytes.toString("utf8").indexOf("\ufffd");
  return marked < 0 ? 1 : bytes.toString("utf8").slice(0, marked).split("\n").length;
}
