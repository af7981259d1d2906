/** Text as the protocol has it. */
export const ucs2 = (text: string): Buffer => Buffer.from(text, "utf16le");

const shortText = (text: string) => Buffer.concat([Buffer.of(text.length), ucs2(text)]);
const u16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};

/** A token whose length stands in two bytes behind its number. */
function sized(token: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(token), u16(body.length), body]);
}

/** `Latin1_General_100_BIN2_UTF8`, near enough for a driver that is sent Unicode only: language 0x0409, binary. */
export const collation = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x00]);

/** LOGINACK (MS-TDS 2.2.7.14) of version 7.4. */
export function loginAck(): Buffer {
  return sized(0xad, Buffer.from([1, 0x74, 0, 0, 4]), shortText("Microsoft SQL Server"), Buffer.from([13, 0, 0, 1]));
}

/** ENVCHANGE (MS-TDS 2.2.7.9) of a text: 1 = database, 4 = packet size. */
export function envText(type: number, now: string, before: string): Buffer {
  return sized(0xe3, Buffer.of(type), shortText(now), shortText(before));
}

/** ENVCHANGE of the collation. */
export function envCollation(): Buffer {
  return sized(0xe3, Buffer.of(7, collation.length), collation, Buffer.of(0));
}

/** ENVCHANGE of a transaction: 8 = begun, 9 = committed, 10 = rolled back. */
export function envTransaction(type: 8 | 9 | 10, descriptor: Buffer): Buffer {
  const [now, before] = type === 8 ? [descriptor, Buffer.alloc(0)] : [Buffer.alloc(0), descriptor];
  return sized(0xe3, Buffer.of(type, now.length), now, Buffer.of(before.length), before);
}

/** What an ERROR or INFO says. */
export interface TdsNotice {
  readonly number: number;
  readonly message: string;
}

/** ERROR or INFO (MS-TDS 2.2.7.10, 2.2.7.13). */
export function notice(kind: "error" | "info", { number, message }: TdsNotice): Buffer {
  const severity = kind === "error" ? 16 : 0;
  return sized(
    kind === "error" ? 0xaa : 0xab,
    ...[u32(number), Buffer.of(1, severity), u16(message.length), ucs2(message)],
    ...[shortText("stand-in"), Buffer.of(0), u32(1)],
  );
}

/** What a DONE says besides. */
export interface TdsDone {
  readonly count?: number | undefined;
  readonly more?: boolean;
  readonly isError?: boolean;
  readonly isAttention?: boolean;
}

/** DONE (MS-TDS 2.2.7.6). */
export function done({ count, more, isError, isAttention }: TdsDone): Buffer {
  const status = (more ? 1 : 0) | (isError ? 2 : 0) | (count === undefined ? 0 : 0x10) | (isAttention ? 0x20 : 0);
  const rows = Buffer.alloc(8);
  rows.writeBigUInt64LE(BigInt(count ?? 0));
  return Buffer.concat([Buffer.of(0xfd), u16(status), u16(0xc1), rows]);
}

/** The answer to PRELOGIN (MS-TDS 2.2.6.5): version, and whether all is encrypted (1) or nothing can be (2). */
export function preloginAnswer(encrypts: boolean): Buffer {
  const version = Buffer.from([13, 0, 0, 1, 0, 0]);
  const options = [[0, version] as const, [1, Buffer.of(encrypts ? 1 : 2)] as const];
  const heads: Buffer[] = [];
  let at = options.length * 5 + 1;
  for (const [token, data] of options) {
    const head = Buffer.alloc(5);
    head.writeUInt8(token, 0);
    head.writeUInt16BE(at, 1);
    head.writeUInt16BE(data.length, 3);
    heads.push(head);
    at += data.length;
  }
  return Buffer.concat([...heads, Buffer.of(0xff), ...options.map(([, data]) => data)]);
}

/** What LOGIN7 (MS-TDS 2.2.6.4) says. */
export interface TdsLogin {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly packetSize: number;
}

/** Reads LOGIN7; its password is only turned around. */
export function readLogin(body: Buffer): TdsLogin {
  const field = (at: number) =>
    body.subarray(body.readUInt16LE(at), body.readUInt16LE(at) + body.readUInt16LE(at + 2) * 2);
  const secret = Buffer.from(field(44).map((byte) => (((byte ^ 0xa5) & 15) << 4) | ((byte ^ 0xa5) >> 4)));
  const text = (at: number) => field(at).toString("utf16le");
  return { user: text(40), password: secret.toString("utf16le"), database: text(68), packetSize: body.readUInt32LE(8) };
}

/** The statement of a batch, behind its headers (MS-TDS 2.2.6.7). */
export function readBatch(body: Buffer): string {
  return body.subarray(body.readUInt32LE(0)).toString("utf16le");
}

/** The statement of `sp_executesql` without parameters (MS-TDS 2.2.6.6); any other call is refused by what it is. */
export function readCall(body: Buffer): string {
  let at = body.readUInt32LE(0);
  const length = body.readUInt16LE(at);
  const name =
    length === 0xffff ? `number ${body.readUInt16LE(at + 2)}` : body.toString("utf16le", at + 2, at + 2 + length * 2);
  if (name !== "number 10" && name !== "sp_executesql") throw new Error(`the stand-in runs no procedure ${name}`);
  at += (length === 0xffff ? 4 : 2 + length * 2) + 2;
  at += 1 + (body[at] ?? 0) * 2 + 1;
  if (body[at] !== 0xe7 && body[at] !== 0x63)
    throw new Error("the stand-in runs sp_executesql with a statement of Unicode only");
  const max = body.readUInt16LE(at + 1);
  if (body[at] === 0xe7 && max !== 0xffff) {
    const bytes = body.readUInt16LE(at + 8);
    if (at + 10 + bytes < body.length) throw new Error("the stand-in runs sp_executesql without parameters only");
    return body.toString("utf16le", at + 10, at + 10 + bytes);
  }
  throw new Error("the stand-in runs no statement of sp_executesql of more than 4000 characters");
}
