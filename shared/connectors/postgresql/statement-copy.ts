import type { Client, Connection, Submittable } from "pg";
import type { CopiedRow, CopyTap } from "./copy-tap.js";

/** One piece of a stream; the server keeps a whole piece before it reads it. */
const PIECE_BYTES = 256 * 1024;

/** A statement whose answers go elsewhere than into rows of the driver; the methods are those the driver calls. */
interface Statement extends Submittable {
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handlePortalSuspended(): void;
  handleEmptyQuery(): void;
  handleCommandComplete(message: { readonly text?: string }): void;
  handleReadyForQuery(): void;
  handleError(error: Error): void;
  handleCopyInResponse(connection: Connection): void;
  handleCopyData(): void;
}

const nothing = () => {};

function statement(
  parts: Partial<Statement> & Pick<Statement, "submit" | "handleReadyForQuery" | "handleError">,
): Statement {
  return {
    ...{
      handleRowDescription: nothing,
      handleDataRow: nothing,
      handlePortalSuspended: nothing,
      handleEmptyQuery: nothing,
    },
    ...{ handleCommandComplete: nothing, handleCopyInResponse: nothing, handleCopyData: nothing },
    ...parts,
  };
}

/** Runs `COPY (…) TO STDOUT`; resolves when the server has sent everything. */
export function copyOut(
  client: Client,
  tap: CopyTap,
  { sql, onRow }: { sql: string; onRow: CopiedRow },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      tap.rowsTo(null);
      settle();
    };
    client.query(
      statement({
        submit(connection) {
          tap.rowsTo(onRow);
          connection.query(sql);
        },
        handleReadyForQuery: () => end(resolve),
        handleError: (error) => end(() => reject(error)),
      }),
    );
  });
}

/**
 * Runs `COPY … FROM STDIN` with a stream that is at hand.
 *
 * @returns how many rows the server took
 * @throws the driver's error; nothing of the stream is stored then
 */
export function copyIn(client: Client, sql: string, data: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    let isOver = false;
    client.query(
      statement({
        submit: (connection) => connection.query(sql),
        // An error does not end it: the server reads on until the end of the stream, and takes nothing of it.
        handleCopyInResponse: (connection) => void send(connection, data, () => isOver),
        handleCommandComplete(message) {
          // Other statements may stand around it.
          rows = Number(/^COPY (\d+)/.exec(message.text ?? "")?.[1] ?? rows);
        },
        handleReadyForQuery: () => resolve(rows),
        handleError(error) {
          isOver = true;
          reject(error);
        },
      }),
    );
  });
}

/** The socket takes no more than the server does. */
async function send(connection: Connection, data: Buffer, isOver: () => boolean): Promise<void> {
  const { stream } = connection;
  for (let at = 0; at < data.length && !isOver(); at += PIECE_BYTES) {
    const piece = data.subarray(at, at + PIECE_BYTES);
    const head = Buffer.alloc(5);
    head.write("d", "latin1");
    head.writeInt32BE(piece.length + 4, 1);
    stream.cork();
    stream.write(head);
    const hasRoom = stream.write(piece);
    stream.uncork();
    if (!hasRoom) await room(stream);
  }
  // A server that has refused the stream is waiting for the next statement already.
  if (!isOver()) stream.write(Buffer.from([0x63, 0, 0, 0, 4]));
}

function room(stream: Connection["stream"]): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      stream.off("drain", go).off("close", go);
      resolve();
    };
    stream.on("drain", go).on("close", go);
    if (stream.destroyed) go();
  });
}

/** A column of a statement's result, as the protocol describes it. */
export interface ResultField {
  readonly name: string;
  /** The type's number; that of a domain is its base type's. */
  readonly type: number;
  readonly modifier: number;
}

/** What a statement would return. */
export interface Described {
  /** Empty for a statement without a result. */
  readonly fields: readonly ResultField[];
  /** How many `$1` it has. */
  readonly parameters: number;
}

/** Prepares a statement, which does not run it, and tells what it would return. */
export function describePostgresqlStatement(client: Client, sql: string): Promise<Described> {
  return new Promise((resolve, reject) => {
    let fields: readonly ResultField[] = [];
    let parameters = 0;
    const note = (message: { readonly parameterCount?: number }) => {
      parameters = message.parameterCount ?? 0;
    };
    const { connection } = client;
    const end = (settle: () => void) => {
      connection.off("parameterDescription", note);
      settle();
    };
    client.query(
      statement({
        submit() {
          connection.on("parameterDescription", note);
          connection.parse({ name: "", text: sql, types: [] }, true);
          connection.describe({ type: "S", name: "" }, true);
          connection.sync();
        },
        handleRowDescription(message) {
          // The driver's message of the protocol, which its types do not declare.
          const { fields: found } = message as {
            readonly fields: readonly { name: string; dataTypeID: number; dataTypeModifier: number }[];
          };
          fields = found.map(({ name, dataTypeID, dataTypeModifier }) => ({
            ...{ name, type: dataTypeID, modifier: dataTypeModifier },
          }));
        },
        handleReadyForQuery: () => end(() => resolve({ fields, parameters })),
        handleError: (error) => end(() => reject(error)),
      }),
    );
  });
}
