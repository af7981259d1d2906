import { execFile, spawnSync } from "node:child_process";
import { type Connection, createConnection } from "mysql2/promise";
import { type MysqlServer, startMariadb } from "../servers/mariadb.js";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { childrenOf } from "./processes.js";

/** One server, one Sluice, one size: everything a benchmark needs. */
export interface Stage {
  readonly server: MysqlServer;
  readonly sluice: TestSluice;
  readonly sql: Connection;
  /** 1 = the full size of the bars. */
  readonly scale: number;
  readonly repeat: number;
  /** Children of this process that are not function instances. */
  readonly foreign: ReadonlySet<number>;
  close(): Promise<void>;
}

/** One line of the table. */
export interface Result {
  readonly what: string;
  readonly measured: string;
  readonly bar: string;
  /** null where no bar is set. */
  readonly isMet: boolean | null;
}

/** Database names. */
export const database = { source: "bench_source", target: "bench_target" } as const;

/** Starts server and Sluice. */
export async function openStage(scale: number, repeat: number): Promise<Stage> {
  const server = await startMariadb([
    "--innodb-buffer-pool-size=1G",
    "--innodb-log-file-size=1G",
    "--max-allowed-packet=256M",
  ]);
  const foreign = new Set(childrenOf(process.pid));
  const sluice = await startSluice({ sync: true });
  const { host, port, user, password } = server;
  const sql = await createConnection({ host, port, user, password, multipleStatements: true });
  for (const name of Object.values(database))
    await sql.query(`CREATE DATABASE IF NOT EXISTS ${name} CHARACTER SET utf8mb4`);
  for (const [name, schema] of Object.entries(database))
    await sluice.register(name, "mysql", { host, port, database: schema, username: user, password });
  return {
    server,
    sluice,
    sql,
    scale,
    repeat,
    foreign,
    async close() {
      await sql.end();
      await sluice.close();
      await server.stop();
    },
  };
}

/** The columns of the tables that are copied: ten, about 140 bytes a row. */
export const tableBody = `(
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY, customer INT NOT NULL, product VARCHAR(24) NOT NULL, amount DECIMAL(14,2) NOT NULL,
  quantity INT NOT NULL, status VARCHAR(12) NOT NULL, ordered DATETIME NOT NULL, changed DATETIME(3) NULL,
  note VARCHAR(80) NULL, flag TINYINT NOT NULL) ENGINE=InnoDB`;

/** Fills a table of the source database with `rows` invented orders. */
export async function fillTable({ sql }: Stage, table: string, rows: number): Promise<void> {
  const name = `${database.source}.${table}`;
  await sql.query(`DROP TABLE IF EXISTS ${name}; CREATE TABLE ${name} ${tableBody}`);
  await sql.query(`INSERT INTO ${name} SELECT seq, seq * 7919 % 100003, CONCAT('product-', seq % 5000), (seq % 1000000) / 7,
    seq % 17, ELT(1 + seq % 4, 'new', 'paid', 'shipped', 'returned'), '2024-01-01' + INTERVAL seq % 31000000 SECOND,
    IF(seq % 10 = 0, NULL, '2024-06-01' + INTERVAL seq % 9999 SECOND),
    IF(seq % 5 = 0, NULL, CONCAT('note on order ', seq, ': ', REPEAT('x', 20 + seq % 25))), seq % 2 FROM ${database.source}.seq_1_to_${rows}`);
}

/** Makes an empty target table. */
export async function emptyTarget({ sql }: Stage, table: string, body = tableBody): Promise<void> {
  await sql.query(`DROP TABLE IF EXISTS ${database.target}.${table}; CREATE TABLE ${database.target}.${table} ${body}`);
}

/** Command-line options that reach the server. */
export function clientOptions({ host, port, user, password }: MysqlServer): string {
  return `--host=${host} --port=${port} --user=${user} --password=${password} --protocol=tcp`;
}

/** Runs a shell pipe; rejects when any part of it fails. */
export function shell(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile("bash", ["-c", `set -o pipefail; ${command}`], { maxBuffer: 1e8 }, (error, _out, err) =>
      error ? reject(new Error(err || error.message)) : resolve(),
    );
  });
}

/** True when a program is installed. */
export function isInstalled(program: string): boolean {
  return spawnSync("bash", ["-c", `command -v ${program}`]).status === 0;
}

/** Seconds that something takes. */
export async function seconds(action: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await action();
  return (performance.now() - since) / 1000;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
