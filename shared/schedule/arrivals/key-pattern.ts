import { readingAt } from "../../calendar/due-at.js";
import { type Label, labelOf } from "../../calendar/label.js";
import { UserError } from "../../model/errors.js";
import type { Zone } from "../../model/zones.js";

/** Values of the names and date tokens of a pattern, by name. */
export type Captures = Readonly<Record<string, string>>;

/** A pattern of object keys that was read. */
export interface KeyPattern {
  /** What every key that fits begins with. */
  readonly prefix: string;
  /** The directory of that, `""` or ending in `/`: under it the subscription is kept. */
  readonly directory: string;
  /** Null when the key does not fit. */
  match(key: string): Captures | null;
}

/** Literal text, or something that stands for text. */
type Piece = { readonly text: string } | Wildcard;

/** Characters of a kind: so many at least, or exactly. */
interface Wildcard {
  readonly name: string | null;
  readonly accepts: RegExp;
  readonly least: number;
  readonly isFixed: boolean;
}

const DATE_TOKENS: Readonly<Record<string, number>> = { yyyymmdd: 8, yyyy: 4, mm: 2, dd: 2, hh24: 2 };
/** Names that every arrival has values for. */
const OWN_NAMES = ["bucket", "key", "name", "dir", "size", "etag", "eventTime"];
const PIECES = /\{([^{}]*)\}|\*\*|\*|[^{}*]+|[{}]/g;

/**
 * Reads a pattern: `*` is any text without `/`, `**` any text, `{name}` some text without `/`, and `{yyyymmdd}`, `{yyyy}`, `{mm}`, `{dd}`,
 * `{hh24}` are digits of a date that there is. Of several ways to fit, the first names take the least.
 *
 * @throws UserError CONFIG_INVALID telling what is wrong with it
 */
export function readPattern(pattern: string): KeyPattern {
  const pieces = [...pattern.matchAll(PIECES)].map(([text, name]) => pieceOf(pattern, text, name));
  const names = pieces.flatMap((piece) => ("name" in piece && piece.name !== null ? [piece.name] : []));
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw refusal(pattern, `{${twice}} stands there twice`);
  if (names.includes("yyyymmdd") && names.some((name) => ["yyyy", "mm", "dd"].includes(name)))
    throw refusal(pattern, "{yyyymmdd} says the date, and another token a part of it");
  const [first] = pieces;
  const prefix = first && "text" in first ? first.text : "";
  return {
    prefix,
    directory: prefix.slice(0, prefix.lastIndexOf("/") + 1),
    match: (key) => {
      const captures = capture(pieces, key);
      return captures && isDate(captures) ? captures : null;
    },
  };
}

function pieceOf(pattern: string, text: string, name: string | undefined): Piece {
  const any = { name: null, least: 0, isFixed: false };
  if (text === "**") return { ...any, accepts: /[\s\S]/ };
  if (text === "*") return { ...any, accepts: /[^/]/ };
  if (name === undefined) {
    if (text === "{" || text === "}") throw refusal(pattern, `a "${text}" without its other half`);
    return { text };
  }
  const digits = Object.hasOwn(DATE_TOKENS, name) ? DATE_TOKENS[name] : undefined;
  if (digits !== undefined) return { name, accepts: /\d/, least: digits, isFixed: true };
  if (!/^[A-Za-z_]\w*$/.test(name)) throw refusal(pattern, `{${name}} is no name; expected letters, digits and "_"`);
  if (OWN_NAMES.includes(name)) throw refusal(pattern, `{${name}} is a value of every arrival; choose another name`);
  return { name, accepts: /[^/]/, least: 1, isFixed: false };
}

function refusal(pattern: string, reason: string): UserError {
  return new UserError("CONFIG_INVALID", `pattern "${pattern}": ${reason}`, { path: "pattern" });
}

/** A place from which it went wrong once is not tried again, so that time grows with pieces times characters. */
function capture(pieces: readonly Piece[], key: string): Captures | null {
  const starts: number[] = [];
  const wrong = new Set<number>();
  const accepted = (piece: Wildcard, at: number): boolean => at < key.length && piece.accepts.test(key.charAt(at));
  const from = (index: number, at: number): boolean => {
    const piece = pieces[index];
    if (!piece) return at === key.length;
    starts[index] = at;
    if ("text" in piece) return key.startsWith(piece.text, at) && from(index + 1, at + piece.text.length);
    for (let length = 0; length < piece.least; length++) if (!accepted(piece, at + length)) return false;
    return piece.isFixed ? from(index + 1, at + piece.least) : longer(piece, index, at + piece.least);
  };
  const longer = (piece: Wildcard, index: number, at: number): boolean => {
    const place = index * (key.length + 1) + at;
    if (wrong.has(place)) return false;
    if (from(index + 1, at) || (accepted(piece, at) && longer(piece, index, at + 1))) return true;
    wrong.add(place);
    return false;
  };
  if (!from(0, 0)) return null;
  const captured = pieces.flatMap((piece, i) => {
    if ("text" in piece || piece.name === null) return [];
    return [[piece.name, key.slice(starts[i], starts[i + 1] ?? key.length)] as const];
  });
  return Object.fromEntries(captured);
}

/** Whether the captured parts belong to a date that there is; what is not captured is taken for the first. */
function isDate({ yyyymmdd, yyyy, mm, dd, hh24 = "00" }: Captures): boolean {
  const date = yyyymmdd?.replace(/^(....)(..)(..)$/, "$1-$2-$3") ?? `${yyyy ?? "2000"}-${mm ?? "01"}-${dd ?? "01"}`;
  const ms = Date.parse(`${date}T00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date) && Number(hh24) < 24;
}

/**
 * The label of an arrival: the captured date and hour, else the minute of the event by the job's clock.
 *
 * @param eventMs  epoch ms
 */
export function labelOfArrival({ yyyymmdd, yyyy, mm, dd, hh24 = "00" }: Captures, eventMs: number, zone: Zone): Label {
  if (yyyymmdd !== undefined) return `${yyyymmdd.replace(/^(....)(..)(..)$/, "$1-$2-$3")}T${hh24}:00`;
  if (yyyy === undefined) return labelOf(readingAt(eventMs, zone));
  return `${yyyy}-${mm ?? "01"}-${dd ?? "01"}T${hh24}:00`;
}

/** An object that arrived. */
export interface Arrival {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  /** ISO. */
  readonly eventTime: string;
}

/** The parameters of a run that an arrival starts. */
export function arrivalParameters({ size, ...arrival }: Arrival, captures: Captures): Readonly<Record<string, string>> {
  const slash = arrival.key.lastIndexOf("/");
  const [dir, name] = [arrival.key.slice(0, slash + 1), arrival.key.slice(slash + 1)];
  return { ...captures, ...arrival, size: String(size), name, dir };
}
