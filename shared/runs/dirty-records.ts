import { type DirtyFiles, dirtyPrefix } from "../engine/dirty-collector.js";
import type { KeptDirtyRecord } from "../model/dirty-record.js";
import { UserError } from "../model/errors.js";
import type { Objects } from "../platform/objects.js";

/** The collector's view of our bucket. */
export function dirtyFilesOf(objects: Objects): DirtyFiles {
  return {
    put: (name, body) => objects.put(name, body),
    remove: (names) => objects.remove(names),
    async list(prefix) {
      const names: string[] = [];
      for (;;) {
        const page = await objects.list(prefix, names.at(-1) ?? "", 1000);
        names.push(...page);
        if (page.length < 1000) return names;
      }
    },
  };
}

/** A part of a run's dirty records, in order of split and position. */
export interface DirtyPage {
  /** JSON lines, without the final newline. */
  readonly lines: readonly string[];
  /** Continues after this page; null at the end. */
  readonly nextPage: string | null;
}

/** Where a page ends: the file, and how many of its lines were given out. */
interface Position {
  readonly file: string;
  readonly lines: number;
}

/** A part of a run's dirty records that is asked for. */
export interface DirtyAsked {
  /** `nextPage` of the page before, null = from the beginning. */
  readonly page: string | null;
  /** Most records. */
  readonly limit: number;
  /** Most bytes; at least one record comes all the same. */
  readonly maxBytes?: number;
}

/**
 * Reads dirty records of a run.
 *
 * @throws UserError CONFIG_INVALID for a page that no list ended with
 */
export async function readDirty(
  objects: Objects,
  run: string,
  { page, limit, maxBytes = 4_000_000 }: DirtyAsked,
): Promise<DirtyPage> {
  let position = decode(page, run);
  const lines: string[] = [];
  let bytes = 0;
  for await (const file of filesFrom(objects, run, position.file)) {
    const content = (await objects.get(file))?.toString("utf8") ?? "";
    const all = content.split("\n").filter((line) => line !== "");
    let given = file === position.file ? position.lines : 0;
    for (const line of all.slice(given)) {
      if (lines.length > 0 && (lines.length >= limit || bytes + line.length > maxBytes))
        return { lines, nextPage: encode({ file, lines: given }, run) };
      lines.push(line);
      bytes += line.length;
      given++;
    }
    position = { file, lines: given };
  }
  return { lines, nextPage: null };
}

/** Parses a line of a page. */
export function parseDirtyLine(line: string): KeptDirtyRecord {
  return JSON.parse(line) as KeptDirtyRecord;
}

/** The run's files from one on, that one included. */
async function* filesFrom(objects: Objects, run: string, first: string): AsyncGenerator<string> {
  if (first !== "") yield first;
  for (let last = first; ; ) {
    const names = await objects.list(dirtyPrefix(run), last, 1000);
    yield* names;
    if (names.length < 1000) return;
    last = names.at(-1) ?? last;
  }
}

/** The page is `<file without prefix>:<lines>`: nothing a caller could point elsewhere with. */
function encode({ file, lines }: Position, run: string): string {
  return `${file.slice(dirtyPrefix(run).length)}:${lines}`;
}

function decode(page: string | null, run: string): Position {
  if (page === null) return { file: "", lines: 0 };
  const found = /^([0-9]+-[0-9]+\.jsonl):(\d+)$/.exec(page);
  if (found) return { file: `${dirtyPrefix(run)}${found[1]}`, lines: Number(found[2]) };
  const message = `page: "${page}" is no mark of a list of dirty records; take the one that a list ended with`;
  throw new UserError("CONFIG_INVALID", message, { path: "page" });
}
