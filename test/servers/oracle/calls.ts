import { decoded, wireTypes } from "./values.js";
import type { WireReader } from "./wire.js";

/** Numbers of calls. */
const functions = {
  94: "execute",
  5: "fetch",
  4: "reexecute",
  78: "reexecute",
  14: "commit",
  15: "rollback",
  147: "ping",
  9: "logoff",
  96: "lob",
  118: "login",
  115: "login",
} as const;

/** Bits of what an execution is to do. */
const options = {
  parse: 0x01,
  define: 0x10,
  execute: 0x20,
  fetch: 0x40,
  describe: 0x2_00_00,
  commit: 0x100,
  batchErrors: 0x8_00_00,
} as const;

/** A type on the wire, of a bind or of a define. */
export interface WireColumn {
  readonly number: number;
  readonly form: number;
  readonly maxSize: number;
}

/** A value that was bound; a LOB by the number of its locator. */
export type BoundValue = string | Uint8Array | null | { readonly lob: number };

/** What a client asks for. */
export type Call =
  | {
      readonly kind: "execute";
      readonly cursor: number;
      /** Null = that of the cursor. */
      readonly sql: string | null;
      readonly runs: boolean;
      readonly describes: boolean;
      readonly batchErrors: boolean;
      readonly commits: boolean;
      /** Of the values, where they are declared anew. */
      readonly binds: readonly WireColumn[] | null;
      readonly fetch: number;
      readonly defines: readonly WireColumn[];
      readonly rows: readonly (readonly BoundValue[])[];
      readonly executions: number;
    }
  | { readonly kind: "fetch"; readonly cursor: number; readonly count: number }
  | {
      readonly kind: "lob";
      readonly operation: number;
      readonly lob: number;
      readonly isBinary: boolean;
      readonly offset: number;
      readonly data: Buffer | null;
    }
  | { readonly kind: "commit" | "rollback" | "ping" | "logoff" | "login" };

/** Binds of statements whose cursors are used again, by the cursor. */
export type KnownBinds = Map<number, readonly WireColumn[]>;

/** Reads the call of a request, behind what is to be tidied up with it. */
export function readCall(request: WireReader, known: KnownBinds): Call {
  for (;;) {
    const message = request.byte();
    const number = request.byte();
    request.byte(); // of the sequence
    if (message === 17) {
      skipPiggyback(request, number);
      continue;
    }
    if (message !== 3) throw new Error(`no message of type ${message} is known here`);
    const kind = (functions as Readonly<Record<number, Call["kind"] | "reexecute">>)[number];
    if (kind === undefined) throw new Error(`no call ${number} is known here`);
    if (kind === "execute") return readExecute(request);
    if (kind === "reexecute") return readReexecute(request, known, number === 78);
    if (kind === "fetch") return { kind, cursor: request.number(), count: request.number() };
    return kind === "lob" ? readLob(request) : { kind };
  }
}

/** Cursors and temporary LOBs that are given up; these are not counted here. */
function skipPiggyback(request: WireReader, number: number): void {
  if (number === 105 || number === 120) {
    request.byte();
    for (let count = request.number(); count > 0; count--) request.number();
    return;
  }
  if (number !== 96) throw new Error(`no piggyback ${number} is known here`);
  request.byte();
  const size = request.number();
  request.skip(
    "byte",
    "number",
    "number",
    "number",
    "byte",
    "byte",
    "byte",
    "number",
    "byte",
    "number",
    "number",
    "number",
    "byte",
  );
  request.skip("byte", "number", "byte", "number", "byte", "number");
  request.bytes(size);
}

function readExecute(request: WireReader): Call {
  const asked = request.number();
  const cursor = request.number();
  const hasSql = request.byte() === 1;
  request.skip("number", "byte", "number", "byte", "byte", "byte");
  const fetch = request.number();
  request.skip("number", "byte");
  const binds = request.number();
  request.skip("byte", "byte", "byte", "byte", "byte", "byte");
  const defined = request.number();
  request.skip("number", "byte", "byte", "byte", "number", "byte", "number", "number", "byte", "number", "byte");
  const sql = hasSql ? request.text() : null;
  request.number(); // parse
  const executions = request.number();
  for (let i = 0; i < 11; i++) request.number();
  const columns = Array.from({ length: asked & options.define ? defined : binds }, () => readColumn(request));
  const isDefine = (asked & options.define) !== 0;
  return {
    ...{ kind: "execute", cursor, sql, executions, batchErrors: (asked & options.batchErrors) !== 0 },
    ...{
      commits: (asked & options.commit) !== 0,
      runs: (asked & options.execute) !== 0,
      describes: (asked & options.describe) !== 0,
    },
    fetch: asked & options.fetch ? fetch : 0,
    binds: isDefine ? null : columns,
    defines: isDefine ? columns : [],
    rows: isDefine ? [] : readRows(request, columns),
  };
}

function readReexecute(request: WireReader, known: KnownBinds, fetches: boolean): Call {
  const cursor = request.number();
  const count = request.number();
  request.number();
  const commits = request.number() === 1;
  const rows = readRows(request, known.get(cursor) ?? []);
  return {
    ...{
      kind: "execute",
      cursor,
      sql: null,
      executions: fetches ? 1 : count,
      batchErrors: false,
      runs: true,
      commits,
      binds: null,
    },
    ...{ describes: false, fetch: fetches ? count : 0, defines: [], rows },
  };
}

function readColumn(request: WireReader): WireColumn {
  const number = request.byte();
  request.skip("byte", "byte", "byte");
  const maxSize = request.number();
  request.skip("number", "number", "number", "number", "number");
  const form = request.byte();
  request.number();
  return { number, form, maxSize };
}

/** A row per execution; values too long for SQL come at the end of each. */
function readRows(request: WireReader, columns: readonly WireColumn[]): BoundValue[][] {
  const rows: BoundValue[][] = [];
  const isLong = ({ number, form, maxSize }: WireColumn) =>
    (form === 2 && number !== wireTypes.LONG.number ? maxSize / 4 : maxSize) > 4_000 && !isLob(number);
  const order = [...columns.keys()].sort((a, b) => Number(isLong(columns[a]!)) - Number(isLong(columns[b]!)) || a - b);
  while (request.left > 0 && columns.length > 0) {
    request.byte(); // a row
    const row: BoundValue[] = columns.map(() => null);
    for (const at of order) row[at] = readValue(request, columns[at]!);
    rows.push(row);
  }
  return rows;
}

function isLob(number: number): boolean {
  return number === wireTypes.CLOB.number || number === wireTypes.BLOB.number;
}

function readValue(request: WireReader, column: WireColumn): BoundValue {
  if (!isLob(column.number)) return decoded(request.value(), column);
  const locator = request.twice();
  return locator && { lob: locator.readUInt32BE(0) };
}

/** Bytes of a locator; it begins with the LOB's number. */
export const LOCATOR_BYTES = 40;
/** Operations on LOBs. */
export const lobOperations = { write: 0x40, create: 0x110 } as const;

function readLob(request: WireReader): Call {
  const hasSource = request.byte() === 1;
  request.skip("number", "byte", "number", "number", "number", "byte", "byte", "byte");
  const operation = request.number();
  request.skip("byte", "byte");
  const [offset, type] = [request.number(), request.number()];
  const hasAmount = request.byte() === 1;
  request.bytes(6);
  const locator = hasSource ? request.bytes(LOCATOR_BYTES) : Buffer.alloc(LOCATOR_BYTES);
  if (operation === lobOperations.create) request.number();
  const hasData = operation === lobOperations.write && request.byte() === 14;
  const data = hasData ? request.value() : null;
  if (hasAmount) request.number();
  return {
    kind: "lob",
    operation,
    lob: locator.readUInt32BE(0),
    isBinary: type === wireTypes.BLOB.number,
    offset,
    data,
  };
}
