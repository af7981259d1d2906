/** Names and numbers of types on the wire, with the form of their character set: 1 the database's, 2 the national one. */
export const wireTypes = {
  VARCHAR2: { number: 1, form: 1 },
  NVARCHAR2: { number: 1, form: 2 },
  NUMBER: { number: 2, form: 0 },
  LONG: { number: 8, form: 1 },
  ROWID: { number: 11, form: 0 },
  DATE: { number: 12, form: 0 },
  RAW: { number: 23, form: 0 },
  "LONG RAW": { number: 24, form: 0 },
  CHAR: { number: 96, form: 1 },
  NCHAR: { number: 96, form: 2 },
  BINARY_FLOAT: { number: 100, form: 0 },
  BINARY_DOUBLE: { number: 101, form: 0 },
  CLOB: { number: 112, form: 1 },
  NCLOB: { number: 112, form: 2 },
  BLOB: { number: 113, form: 0 },
  BFILE: { number: 114, form: 0 },
  TIMESTAMP: { number: 180, form: 0 },
  "TIMESTAMP WITH TIME ZONE": { number: 181, form: 0 },
  "INTERVAL YEAR TO MONTH": { number: 182, form: 0 },
  "INTERVAL DAY TO SECOND": { number: 183, form: 0 },
  "TIMESTAMP WITH LOCAL TIME ZONE": { number: 231, form: 0 },
} as const;

/** The name of a type on the wire. */
export type WireType = keyof typeof wireTypes;

/** A value of the engine as its type's bytes on the wire; `number` and `form` may be those of a define, which asks for another type. */
export function encoded(
  value: unknown,
  { number, form }: { readonly number: number; readonly form: number },
): Buffer | null {
  if (value === null || value === undefined) return null;
  if (number === wireTypes.NUMBER.number) return numberBytes(String(value));
  if (number === wireTypes.BINARY_DOUBLE.number) return floatBytes(Number(value), 8);
  if (number === wireTypes.BINARY_FLOAT.number) return floatBytes(Number(value), 4);
  if (number === wireTypes.DATE.number || (number >= 180 && number <= 181) || number === 231)
    return dateBytes(String(value), number);
  const bytes = value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
  return form === 2 ? Buffer.from(bytes.toString(), "utf16le").swap16() : bytes;
}

/** A value of a bind as the engine takes it; numbers by their digits. */
export function decoded(
  bytes: Buffer | null,
  { number, form }: { readonly number: number; readonly form: number },
): string | Uint8Array | null {
  if (bytes === null) return null;
  if (number === wireTypes.NUMBER.number)
    throw new Error("numbers are bound as texts, whose digits nobody has changed");
  if (number === wireTypes.RAW.number || number === wireTypes["LONG RAW"].number) return new Uint8Array(bytes);
  return form === 2 ? Buffer.from(bytes).swap16().toString("utf16le") : bytes.toString();
}

/** Oracle's NUMBER: an exponent of 100 and digits of two places each (node-oracledb, `parseOracleNumber`). */
export function numberBytes(text: string): Buffer {
  if (text === "Infinity") return Buffer.from([0xff, 0x65]);
  if (text === "-Infinity") return Buffer.from([0x00]);
  const [, sign = "", whole = "", fraction = "", power = "0"] =
    /^(-?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  let digits = whole + fraction;
  let point = whole.length + Number(power);
  const zeros = /^0*/.exec(digits)?.[0].length ?? 0;
  digits = digits.slice(zeros).replace(/0+$/, "");
  point -= zeros;
  if (digits === "") return Buffer.from([0x80]);
  if (point % 2 !== 0) {
    digits = `0${digits}`;
    point += 1;
  }
  if (digits.length % 2 !== 0) digits += "0";
  const pairs = (digits.match(/../g) ?? []).map(Number);
  const exponent = point / 2 - 1 + 193;
  if (sign === "") return Buffer.from([exponent, ...pairs.map((pair) => pair + 1)]);
  return Buffer.from([exponent ^ 0xff, ...pairs.map((pair) => 101 - pair), ...(pairs.length < 20 ? [102] : [])]);
}

/** In an order of their own: the sign's bit is turned around, and all bits of negative numbers are. */
function floatBytes(value: number, size: 4 | 8): Buffer {
  const bytes = Buffer.alloc(size);
  if (size === 8) bytes.writeDoubleBE(value);
  else bytes.writeFloatBE(value);
  if (((bytes[0] ?? 0) & 0x80) === 0) bytes[0] = (bytes[0] ?? 0) | 0x80;
  else for (const [at, byte] of bytes.entries()) bytes[at] = byte ^ 0xff;
  return bytes;
}

function dateBytes(text: string, type: number): Buffer {
  const [, year = "1", month = "1", day = "1", hour = "0", minute = "0", second = "0", fraction = ""] =
    /^(-?\d+)-(\d+)-(\d+)(?: (\d+):(\d+):(\d+)(?:\.(\d+))?)?/.exec(text) ?? [];
  const century = Math.trunc(Number(year) / 100) + 100;
  const date = Buffer.from([century, (Number(year) % 100) + 100, +month, +day, +hour + 1, +minute + 1, +second + 1]);
  if (type === wireTypes.DATE.number) return date;
  const nanos = Buffer.alloc(4);
  nanos.writeUInt32BE(Number(fraction.padEnd(9, "0").slice(0, 9)));
  return Buffer.concat([date, nanos, ...(type === 181 ? [Buffer.from([20, 60])] : [])]);
}
