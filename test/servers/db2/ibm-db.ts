import { connect, type Socket } from "node:net";
import { db2Error } from "./functions.js";
import { type Db2Place, placeNamed } from "./place.js";
import { describedColumns, run, type Values } from "./run.js";

/**
 * A module of the interface of IBM's driver `ibm_db` 4.0, as far as the connector uses it, for whoever names it in SLUICE_DB2_DRIVER. What is behind it is SQLite:
 * it says nothing of DRDA, of IBM's library or of a DB2.
 */
export async function open(connectionString: string) {
  const said = Object.fromEntries(
    [...connectionString.matchAll(/(\w+)=(\{(?:[^}]|\}\})*\}|[^;]*);/g)].map(([, name = "", value = ""]) => [
      name,
      value.startsWith("{") ? value.slice(1, -1).replaceAll("}}", "}") : value,
    ]),
  );
  const socket = await reached(said.HOSTNAME ?? "", Number(said.PORT));
  const refuse = (error: Error) => {
    socket.destroy();
    return error;
  };
  const place = placeNamed(said.DATABASE ?? "");
  if (!place)
    throw refuse(
      db2Error(
        -30_061,
        "08004",
        `The database alias or database name "${said.DATABASE}" was not found at the remote node.`,
      ),
    );
  if (said.UID !== place.username || said.PWD !== place.password)
    throw refuse(
      db2Error(-30_082, "08001", 'Security processing failed with reason "24" ("USERNAME AND/OR PASSWORD INVALID").'),
    );
  return new TestDatabase(place, socket);
}

/** Somebody answers there, or nobody does. */
function reached(host: string, port: number): Promise<Socket> {
  const lost = () =>
    db2Error(
      -30_081,
      "08001",
      `A communication error has been detected. Communication protocol being used: "TCP/IP". Location where the error was detected: "${host}".`,
    );
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    socket.once("data", () => resolve(socket));
    socket.once("error", () => reject(lost())).once("close", () => reject(lost()));
  });
}

interface ArrayQuery {
  readonly sql: string;
  readonly params: readonly { readonly Data: readonly (string | null)[] }[];
  readonly ArraySize: number;
}

class TestDatabase {
  private isAlone = true;

  constructor(
    private readonly place: Db2Place,
    private readonly socket: Socket,
  ) {
    socket.once("close", () => this.end("ROLLBACK"));
  }

  async query({ sql, params, ArraySize }: ArrayQuery): Promise<void> {
    await this.turn(sql);
    // An array is taken as a whole or not at all.
    this.place.database.exec("SAVEPOINT whole_array");
    try {
      for (let at = 0; at < ArraySize; at++)
        run(
          this.place,
          sql,
          params.map(({ Data }) => Data[at] ?? null),
        );
    } catch (error) {
      this.place.database.exec("ROLLBACK TO whole_array");
      throw error;
    } finally {
      this.place.database.exec("RELEASE whole_array");
    }
  }

  async queryResult(sql: string) {
    this.alive();
    const columns = describedColumns(this.place, sql);
    const { rows } = run(this.place, sql, []);
    let sent = 0;
    const result = {
      getColumnMetadataSync: () => columns,
      closeSync() {},
      fetchN: async (count: number) => {
        this.alive();
        sent += count;
        return rows.slice(sent - count, sent);
      },
    };
    return [result, null] as const;
  }

  async prepare(sql: string) {
    this.alive();
    describedColumns(this.place, sql);
    return {
      executeNonQuery: async (values: Values = []) => {
        await this.turn(sql);
        const { changed } = run(this.place, sql, values);
        if (this.isAlone) this.end("COMMIT");
        return changed;
      },
      close: async () => {},
    };
  }

  async beginTransaction(): Promise<void> {
    this.isAlone = false;
  }

  async commitTransaction(): Promise<void> {
    this.end("COMMIT");
    this.isAlone = true;
  }

  async rollbackTransaction(): Promise<void> {
    this.end("ROLLBACK");
    this.isAlone = true;
  }

  async close(): Promise<void> {
    this.end("ROLLBACK");
    this.socket.destroy();
  }

  private alive(): void {
    if (this.socket.destroyed) throw db2Error(-30_081, "08001", "A communication error has been detected.");
  }

  private async turn(sql: string): Promise<void> {
    this.alive();
    if (/^\s*(?:SELECT|WITH)\b/i.test(sql)) return;
    while (this.place.owner && this.place.owner !== this)
      await new Promise<void>((resolve) => this.place.waiting.push(resolve));
    this.alive();
    if (this.place.owner === this) return;
    this.place.owner = this;
    this.place.database.exec("BEGIN");
  }

  private end(how: "COMMIT" | "ROLLBACK"): void {
    if (this.place.owner !== this) return;
    if (this.place.database.isOpen) this.place.database.exec(how);
    this.place.owner = null;
    for (const wake of this.place.waiting.splice(0)) wake();
  }
}
