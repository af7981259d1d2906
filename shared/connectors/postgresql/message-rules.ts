/** Why a body is not what its letter promises, in a few words; null = it is. */
export type BodyFault = string | null;

/** The body of one message: from `at` up to `end` of `bytes`. */
export interface Body {
  readonly bytes: Buffer;
  readonly at: number;
  readonly end: number;
}

const CUT = "it ends too early";
const LONG = "it goes on after its end";

/** Where a text that ends with a zero byte ends, that byte included; -1 = it does not end in this body. */
function afterText({ bytes, end }: Body, at: number): number {
  const zero = at < end ? bytes.indexOf(0, at) : -1;
  return zero === -1 || zero >= end ? -1 : zero + 1;
}

function texts(count: number, from = 0): (body: Body) => BodyFault {
  return (body) => {
    let at = body.at + from;
    for (let i = 0; i < count && at !== -1; i++) at = afterText(body, at);
    return ended(body, at);
  };
}

function ended({ end }: Body, at: number): BodyFault {
  if (at === -1 || at > end) return CUT;
  return at < end ? LONG : null;
}

function bytesOf(count: number): (body: Body) => BodyFault {
  return (body) => ended(body, body.at + count);
}

/** A number of items of one size, after that number. */
function items(size: number, from = 0): (body: Body) => BodyFault {
  return (body) => {
    const at = body.at + from + 2;
    return at > body.end ? CUT : ended(body, at + body.bytes.readUInt16BE(at - 2) * size);
  };
}

/** Fields, each a letter and a text, up to a zero byte; without `M` there is nothing to tell. */
function fields(body: Body): BodyFault {
  const { bytes, end } = body;
  let at = body.at;
  let hasWords = false;
  while (at < end && bytes[at] !== 0) {
    hasWords ||= bytes[at] === 0x4d;
    at = afterText(body, at + 1);
    if (at === -1) return CUT;
  }
  return ended(body, at + 1) ?? (hasWords ? null : "it says nothing");
}

function columns(body: Body): BodyFault {
  const { bytes, end } = body;
  let at = body.at + 2;
  if (at > end) return CUT;
  for (let left = bytes.readUInt16BE(body.at); left > 0; left--) {
    const name = afterText(body, at);
    if (name === -1) return CUT;
    at = name + COLUMN_BYTES;
  }
  return ended(body, at);
}

/** Of a column after its name: table, number, type, its size and modifier, format. */
const COLUMN_BYTES = 18;

function row(body: Body): BodyFault {
  const { bytes, end } = body;
  let at = body.at + 2;
  if (at > end) return CUT;
  for (let left = bytes.readUInt16BE(body.at); left > 0; left--) {
    if (at + 4 > end) return CUT;
    const length = bytes.readInt32BE(at);
    if (length < -1) return `a cell of ${length} bytes`;
    at += 4 + Math.max(0, length);
  }
  return ended(body, at);
}

/** Bytes of requests to sign in whose size is fixed, by their number: nothing, the password, and a hash with four bytes of salt. */
const signInBytes: Readonly<Record<number, number>> = { 0: 4, 3: 4, 5: 8 };

function signIn(body: Body): BodyFault {
  const { bytes, at, end } = body;
  if (at + 4 > end) return CUT;
  const way = bytes.readInt32BE(at);
  const size = signInBytes[way];
  if (size !== undefined) return bytesOf(size)(body);
  return way === 10 ? mechanisms(body) : null;
}

/** Names up to an empty one. */
function mechanisms(body: Body): BodyFault {
  let at = body.at + 4;
  while (at < body.end && body.bytes[at] !== 0) {
    at = afterText(body, at);
    if (at === -1) return CUT;
  }
  return ended(body, at + 1);
}

function state({ bytes, at, end }: Body): BodyFault {
  const isState = end - at === 1 && "ITE".includes(String.fromCharCode(bytes[at] ?? 0));
  return isState ? null : "it tells no state of a transaction";
}

/**
 * What a body must look like, by the message's letter. Letters that are missing are sent to nobody who has not asked for
 * replication, function calls or a newer protocol.
 * Source: PostgreSQL manual, "Message Formats".
 */
export const bodyRules: Readonly<Record<string, (body: Body) => BodyFault>> = {
  R: signIn,
  E: fields,
  N: fields,
  S: texts(2),
  K: bytesOf(8),
  Z: state,
  A: texts(2, 4),
  T: columns,
  D: row,
  t: items(4),
  C: texts(1),
  G: items(2, 1),
  H: items(2, 1),
  d: () => null,
  ...Object.fromEntries(["1", "2", "3", "I", "n", "s", "c"].map((letter) => [letter, bytesOf(0)])),
};
