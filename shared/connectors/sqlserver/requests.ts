import { type Connection, Request, TYPES } from "tedious";
import { InternalError, type SluiceError } from "../../model/errors.js";
import type { QueryResult } from "../sql/client.js";
import type { SqlserverClient } from "./client.js";
import type { BulkRows, DriverValue, SqlserverConnection, SqlserverDone } from "./connection.js";

/** What a connection of the driver does, one request at a time. */
export interface SqlserverRequests
  extends Pick<SqlserverConnection, "query" | "execute" | "stream" | "pause" | "resume" | "bulk"> {
  /** Ends what is under way on the server; `why` is then its error. Resolves when the server has said so. */
  cancel(why: SluiceError | undefined): Promise<void>;
}

/** A column of a row, and what is known of it. */
interface DriverCell {
  readonly value: unknown;
  readonly metadata: { readonly colName: string };
}

/** Statements go as batches: in a procedure of their own (`sp_executesql`) settings and temporary tables would end with them. */
export function requestsOn({ driver, fault }: Pick<SqlserverClient, "driver" | "fault">): SqlserverRequests {
  let running: Request | null = null;
  let ended: SluiceError | undefined;
  const run = (sql: string, listen: (request: Request) => void): Promise<SqlserverDone> => {
    const noted: number[] = [];
    const onInfo = ({ number }: { number: number }) => void noted.push(number);
    return new Promise<SqlserverDone>((resolve, reject) => {
      const request = new Request(statement(sql), (error, count) => {
        driver.off("infoMessage", onInfo);
        running = null;
        if (error) reject(ended ?? fault() ?? error);
        else resolve({ affectedRows: count ?? 0, noted });
      });
      listen(request);
      driver.on("infoMessage", onInfo);
      running = request;
      driver.execSqlBatch(request);
    });
  };
  return {
    async query(sql) {
      let names: readonly string[] = [];
      const rows: QueryResult["rows"][number][] = [];
      await run(sql, (request) => {
        request.on("columnMetadata", (columns) => {
          names = Object.values(columns).map(({ colName }) => colName);
        });
        request.on("row", (cells: DriverCell[]) => void rows.push(cells.map(({ value }) => textOf(value))));
      });
      return { names, rows };
    },
    execute: (sql) => run(sql, () => {}),
    async stream(sql, onRow) {
      await run(sql, (request) => {
        request.on("row", (cells: DriverCell[]) => onRow(cells.map(driverValue)));
      });
    },
    pause: () => running?.pause(),
    resume: () => running?.resume(),
    bulk: (load) => bulkLoad(driver, load),
    async cancel(why) {
      ended ??= why;
      const over = running && whenOver(running);
      driver.cancel();
      await over;
    },
  };
}

function whenOver(request: Request): Promise<void> {
  return new Promise((resolve) => request.once("requestCompleted", resolve));
}

/** MERGE must end in a semicolon, which those who take statements apart have taken away. */
function statement(sql: string): string {
  // After a deadlock there is nothing left to roll back, which the server takes for a mistake.
  if (sql === "ROLLBACK") return "IF @@TRANCOUNT > 0 ROLLBACK";
  return /^\s*merge\b/i.test(sql) && !/;\s*$/.test(sql) ? `${sql}\n;` : sql;
}

/** A value as text, for what is read about tables and statements. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? "1" : "0";
  return Buffer.isBuffer(value) ? value.toString("hex") : String(value);
}

/** A `Date` has lost what it had of an offset and below a millisecond: statements select text in their place. */
function driverValue({ value, metadata }: DriverCell): DriverValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean" || Buffer.isBuffer(value))
    return value;
  throw new InternalError("INTERNAL", `column ${metadata.colName} came as an object of the driver`);
}

/** Nulls stay nulls, and the table is the session's own, so that locking all of it blocks nobody. */
const bulkOptions = { keepNulls: true, checkConstraints: true, lockTable: true };

function bulkLoad(driver: Connection, { table, columns, rows }: BulkRows): Promise<void> {
  return new Promise((resolve, reject) => {
    const load = driver.newBulkLoad(table, bulkOptions, (error) => (error ? reject(error) : resolve()));
    load.addColumn("sluice_row", TYPES.Int, { nullable: false });
    for (const { name, takesBytes } of columns)
      load.addColumn(name, takesBytes ? TYPES.VarBinary : TYPES.NVarChar, {
        length: Number.POSITIVE_INFINITY,
        nullable: true,
      });
    driver.execBulkLoad(load, rows as Iterable<unknown[]>);
  });
}
