import type { Duplex } from "node:stream";
import { TransientError, type UserError } from "../../model/errors.js";
import { own } from "../../model/own.js";
import { foreignAnswer, otherProtocol } from "../network/foreign-answer.js";
import { bodyRules } from "./message-rules.js";

// The driver's parser trusts what it reads: a text that does not end makes it search for ever, in one turn of the event loop, and a
// request to sign in without its salt is answered by nothing at all. So it only gets whole messages that are what they say.

/** A stream whose listeners to data hear only whole messages of PostgreSQL's protocol; anything else is thrown at them. */
export function guardedStream<S extends Duplex>(stream: S): S {
  const on = stream.on.bind(stream) as (event: string | symbol, listener: Listener) => S;
  const heed = (event: string | symbol, listener: Listener): S =>
    on(event, event === "data" ? checking(listener) : listener);
  return Object.assign(stream, { on: heed, addListener: heed });
}

type Listener = (...values: unknown[]) => void;

function checking(listener: Listener): Listener {
  const check = createMessageCheck();
  const guarded = (chunk: unknown): void => {
    check(chunk as Buffer, listener); // nobody sets an encoding
  };
  // By it listeners are found that are to be removed.
  return Object.assign(guarded, { listener });
}

type Phase = "login" | "start" | "ready";

/** What a server has said so far. */
interface Talk {
  readonly phase: Phase;
  /** Cells that a row has, as last told; -1 = never. */
  readonly columns: number;
}

/** Letters that a server may send, by how far signing in has come. */
const letters: Readonly<Record<Phase, string>> = {
  login: "REN",
  start: "SKENZ",
  ready: "SENAZTDtC123InscGHd",
};

/** `d`, which no session has before it is ready. */
const COPY_ROW = 0x64;

/** Letter and length. */
const HEAD_BYTES = 5;
/** As in libpq: what is no list, no row and no words has no reason to be longer, nor has anything before the login. */
const SHORT_BYTES = 30_000;
const longLetters = "TDdENA";
const LONG_BYTES = 256 * 1024 * 1024;

/**
 * Makes a check of what one server says, from the first byte of the protocol on.
 *
 * @returns takes bytes as they come, and passes on the whole messages among them, a message that was cut by itself: joined to the rest, all that
 *   a server sends would be copied once more. Throws UserError SOURCE_UNREACHABLE before the login for what is not PostgreSQL's protocol,
 *   TransientError of that code after it
 */
export function createMessageCheck(): (chunk: Buffer, pass: (whole: Buffer) => void) => void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  // From the start of what is held.
  let wantedBytes = HEAD_BYTES;
  let talk: Talk = { phase: "login", columns: -1 };
  /** @returns where the last whole message ends */
  const checked = (bytes: Buffer): number => {
    let at = 0;
    wantedBytes = HEAD_BYTES;
    while (bytes.length - at >= HEAD_BYTES) {
      const size = messageBytes(bytes, at, talk.phase);
      wantedBytes = size;
      if (bytes.length - at < size) break;
      // Rows of COPY come by the million, and may be anything.
      if (bytes[at] !== COPY_ROW) talk = afterMessage(bytes, { at, end: at + size }, talk);
      at += size;
      wantedBytes = HEAD_BYTES;
    }
    return at;
  };
  return (chunk, pass) => {
    let rest = chunk;
    while (heldBytes > 0) {
      const missing = wantedBytes - heldBytes;
      if (rest.length < missing) break;
      held.push(rest.subarray(0, missing));
      rest = rest.subarray(missing);
      const bytes = Buffer.concat(held, wantedBytes);
      const end = checked(bytes);
      held = end < bytes.length ? [bytes] : [];
      heldBytes = bytes.length - end;
      if (end > 0) pass(bytes);
    }
    const end = heldBytes > 0 ? 0 : checked(rest);
    if (end < rest.length) held.push(rest.subarray(end));
    heldBytes += rest.length - end;
    if (end > 0) pass(end < rest.length ? rest.subarray(0, end) : rest);
  };
}

/** Size of the message that begins at `at`, head included. */
function messageBytes(bytes: Buffer, at: number, phase: Phase): number {
  if (bytes[at] === COPY_ROW && phase === "ready") {
    const length = bytes.readInt32BE(at + 1);
    if (length >= 4 && length <= LONG_BYTES) return length + 1;
  }
  const letter = String.fromCharCode(bytes[at] ?? 0);
  if (!letters[phase].includes(letter)) throw notPostgresql(phase, unexpected(bytes, at, phase));
  const length = bytes.readInt32BE(at + 1);
  const most = phase !== "login" && longLetters.includes(letter) ? LONG_BYTES : SHORT_BYTES;
  if (length < 4 || length > most) throw notPostgresql(phase, `a message ${letter} of ${length} bytes`);
  return length + 1;
}

function unexpected(bytes: Buffer, at: number, phase: Phase): string {
  const other = phase === "login" ? otherProtocol(bytes.subarray(at)) : null;
  if (other !== null) return other;
  const letter = String.fromCharCode(bytes[at] ?? 0);
  const displayed = /[\w]/.test(letter) ? letter : `0x${(bytes[at] ?? 0).toString(16).padStart(2, "0")}`;
  const isKnown = own(bodyRules, letter) !== undefined;
  return isKnown ? `a message ${displayed} ${untimely[phase]}` : `a message ${displayed}, which there is not`;
}

const untimely: Readonly<Record<Phase, string>> = {
  login: "before anybody has signed in",
  start: "before the session has begun",
  ready: "after somebody has signed in",
};

/** @throws UserError, TransientError when it is not what its letter promises */
function afterMessage(bytes: Buffer, { at, end }: { at: number; end: number }, talk: Talk): Talk {
  const letter = String.fromCharCode(bytes[at] ?? 0);
  const inside = at + HEAD_BYTES;
  const fault = own(bodyRules, letter)?.({ bytes, at: inside, end }) ?? null;
  if (fault !== null) throw notPostgresql(talk.phase, `a message ${letter}: ${fault}`);
  if (letter === "D" && bytes.readUInt16BE(inside) !== talk.columns)
    throw notPostgresql(talk.phase, `a message D: another number of cells than there are columns`);
  if (letter === "T") return { ...talk, columns: bytes.readUInt16BE(inside) };
  if (letter === "R" && bytes.readInt32BE(inside) === 0) return { ...talk, phase: "start" };
  return letter === "Z" ? { ...talk, phase: "ready" } : talk;
}

function notPostgresql(phase: Phase, what: string): UserError | TransientError {
  const fault = foreignAnswer("PostgreSQL", what);
  return phase === "ready" ? new TransientError("SOURCE_UNREACHABLE", fault.message) : fault;
}
