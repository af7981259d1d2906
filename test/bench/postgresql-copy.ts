import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "pg";
import { type PostgresServer, startPostgres } from "../servers/postgres.js";
import { job } from "../servers/sluice.js";
import { runJob } from "./mysql-copy.js";
import { childrenOf, usage } from "./processes.js";
import {
  clientOptions,
  database,
  emptyTarget,
  fillTable,
  isInstalled,
  median,
  type Result,
  type Stage,
  seconds,
  shell,
} from "./stage.js";

/** The columns of the tables that are copied, as those of MySQL. */
const body = `(id bigint PRIMARY KEY, customer int NOT NULL, product varchar(24) NOT NULL, amount numeric(14,2) NOT NULL, quantity int NOT NULL,
  status varchar(12) NOT NULL, ordered timestamp NOT NULL, changed timestamp(3), note varchar(80), flag smallint NOT NULL)`;

interface PostgresStage extends Stage {
  readonly postgres: PostgresServer;
  readonly pg: Client;
  readonly rows: number;
}

/** PostgreSQL as target, as source and as both, against the tools that people use. */
export async function benchPostgresCopy(stage: Stage): Promise<Result[]> {
  const postgres = await startPostgres();
  const pg = new Client({ connectionString: `${postgres.url}/postgres` });
  await pg.connect();
  const foreign = new Set([...stage.foreign, ...childrenOf(process.pid)]);
  const wide: PostgresStage = { ...stage, foreign, postgres, pg, rows: Math.round(2_000_000 * stage.scale) };
  try {
    const { hostname: host, port, username, password } = new URL(postgres.url);
    await pg.query("CREATE SCHEMA source; CREATE SCHEMA target");
    const properties = { host, port: Number(port), database: "postgres", username, password };
    await stage.sluice.register("bench_pg", "postgresql", { ...properties, securityProtocol: "authTypeNone" });
    await fillTable(stage, "orders", wide.rows);
    return [...(await intoPostgres(wide)), ...(await withinPostgres(wide)), ...(await outOfPostgres(wide))];
  } finally {
    await pg.end();
    await postgres.stop();
  }
}

const ofMysql = (name: string): [string, object] => ["mysql", { datasource: name, table: "orders", column: ["*"] }];
const ofPg = (table: string): [string, object] => ["postgresql", { datasource: "bench_pg", table, column: ["*"] }];
const copy = (reader: [string, object], writer: [string, object]) => job(reader, writer, { speed: { concurrent: 2 } });

/** Seconds and records per CPU-second of one run of ours. */
async function measured(stage: PostgresStage, script: object): Promise<{ wall: number; perCpuSecond: number }> {
  const before = usage(stage.foreign).cpuSeconds;
  const wall = await seconds(() => runJob(stage, script));
  return { wall, perCpuSecond: stage.rows / (usage(stage.foreign).cpuSeconds - before) };
}

async function emptied({ pg }: PostgresStage, table: string): Promise<void> {
  await pg.query(`DROP TABLE IF EXISTS ${table}; CREATE TABLE ${table} ${body}`);
}

/** A contender that copied less would win. */
async function assertRows({ pg, rows }: PostgresStage, table: string): Promise<void> {
  const found = await pg.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`);
  if (Number(found.rows[0]?.n) !== rows) throw new Error(`${found.rows[0]?.n} rows arrived, ${rows} expected`);
}

async function intoPostgres(stage: PostgresStage): Promise<Result[]> {
  const ours: { wall: number; perCpuSecond: number }[] = [];
  const peer: number[] = [];
  for (let i = 0; i < stage.repeat; i++) {
    await emptied(stage, "source.orders");
    if (isInstalled("pgloader")) {
      peer.push(await seconds(() => pgloader(stage)));
      await assertRows(stage, "source.orders");
      await emptied(stage, "source.orders");
    }
    ours.push(await measured(stage, copy(ofMysql("source"), ofPg("source.orders"))));
    await assertRows(stage, "source.orders");
  }
  const name = `MySQL → PostgreSQL, ${stage.rows.toLocaleString("en")} rows, concurrency 2`;
  return [
    versus(`${name}: wall time against \`pgloader\`, data only, 2 workers`, { ours, peer, bar: 0.38 }),
    perCpu(`${name}: records per CPU-second of our own processes`, ours),
    { what: `${name}: peak RSS of a shard`, ...peakOf(stage) },
    await dirtyOverhead(stage, median(ours.map(({ wall }) => wall))),
  ];
}

function peakOf(stage: PostgresStage): Omit<Result, "what"> {
  const peak = usage(stage.foreign).childPeakMb;
  return { measured: `${peak.toFixed(0)} MB`, bar: "≤ 256 MB", isMet: peak <= 256 };
}

/** One record in a thousand has a text that is too long. */
async function dirtyOverhead(stage: PostgresStage, clean: number): Promise<Result> {
  await emptied(stage, "target.orders");
  await stage.pg.query("ALTER TABLE target.orders ADD CHECK (id % 1000 <> 0)");
  const script = job(ofMysql("source"), ofPg("target.orders"), {
    speed: { concurrent: 2 },
    errorLimit: { record: String(stage.rows) },
  });
  const ratio = (await measured(stage, script)).wall / clean;
  return {
    what: "one dirty record in 1,000 into PostgreSQL, refused by a CHECK: wall time against none",
    ...{ measured: ratio.toFixed(2), bar: "≤ 1.5", isMet: ratio <= 1.5 },
  };
}

async function withinPostgres(stage: PostgresStage): Promise<Result[]> {
  const ours: { wall: number; perCpuSecond: number }[] = [];
  const [dump, pipe]: number[][] = [[], []];
  const psql = `psql -q ${stage.postgres.url}/postgres`;
  for (let i = 0; i < stage.repeat; i++) {
    await emptied(stage, "target.orders");
    ours.push(await measured(stage, copy(ofPg("source.orders"), ofPg("target.orders"))));
    await assertRows(stage, "target.orders");
    await emptied(stage, "target.orders");
    pipe?.push(
      await seconds(() =>
        shell(`${psql} -c "COPY source.orders TO STDOUT" | ${psql} -c "COPY target.orders FROM STDIN"`),
      ),
    );
    await assertRows(stage, "target.orders");
    // A dump goes back to where it came from: the copy takes the place of the original.
    await stage.pg.query("DROP TABLE target.orders; ALTER TABLE source.orders SET SCHEMA target");
    const dumped = `pg_dump -Fc --data-only -t target.orders ${stage.postgres.url}/postgres`;
    await stage.pg.query("CREATE DATABASE restored");
    try {
      await shell(
        `psql -q ${stage.postgres.url}/restored -c "CREATE SCHEMA target; CREATE TABLE target.orders ${body}"`,
      );
      dump?.push(await seconds(() => shell(`${dumped} | pg_restore --data-only -d ${stage.postgres.url}/restored`)));
    } finally {
      await stage.pg.query("DROP DATABASE restored");
      await stage.pg.query("ALTER TABLE target.orders SET SCHEMA source");
    }
  }
  const name = `PostgreSQL → PostgreSQL, ${stage.rows.toLocaleString("en")} rows, concurrency 2`;
  return [
    versus(`${name}: wall time against \`pg_dump -Fc \\| pg_restore\`, data only`, {
      ours,
      peer: dump ?? [],
      bar: 0.6,
    }),
    versus(`${name}: wall time against \`COPY \\| COPY\` through psql`, { ours, peer: pipe ?? [], bar: 1.1 }),
  ];
}

async function outOfPostgres(stage: PostgresStage): Promise<Result[]> {
  const ours: { wall: number; perCpuSecond: number }[] = [];
  const peer: number[] = [];
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-bench-"));
  const file = path.join(folder, "orders.csv");
  const mysql = `mysql ${clientOptions(stage.server)} --local-infile=1 ${database.target}`;
  const load = `LOAD DATA LOCAL INFILE '${file}' INTO TABLE orders CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\\"'`;
  const out = `COPY source.orders TO STDOUT WITH (FORMAT csv, NULL '\\N')`;
  try {
    for (let i = 0; i < stage.repeat; i++) {
      await emptyTarget(stage, "orders");
      ours.push(await measured(stage, copy(ofPg("source.orders"), ofMysql("target"))));
      await emptyTarget(stage, "orders");
      const command = `psql -q ${stage.postgres.url}/postgres -c "${out}" > ${file} && ${mysql} -e "${load}"`;
      peer.push(await seconds(() => shell(command)));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const name = `PostgreSQL → MySQL, ${stage.rows.toLocaleString("en")} rows, concurrency 2`;
  return [
    versus(`${name}: wall time against \`COPY\` to CSV and the client's \`LOAD DATA LOCAL\` of it`, {
      ours,
      peer,
      bar: 1.1,
    }),
    perCpu(`${name}: records per CPU-second of our own processes`, ours),
  ];
}

function versus(
  what: string,
  { ours, peer, bar }: { ours: readonly { wall: number }[]; peer: readonly number[]; bar: number },
): Result {
  const own = median(ours.map(({ wall }) => wall));
  if (peer.length === 0)
    return { what, measured: `${own.toFixed(1)} s; the peer is not installed`, bar: `≤ ${bar}`, isMet: null };
  const ratio = own / median(peer);
  const measured = `${ratio.toFixed(2)} (${own.toFixed(1)} s against ${median(peer).toFixed(1)} s)`;
  return { what, measured: measured, bar: `≤ ${bar}`, isMet: ratio <= bar };
}

function perCpu(what: string, ours: readonly { perCpuSecond: number }[]): Result {
  const rate = median(ours.map(({ perCpuSecond }) => perCpuSecond));
  return { what, measured: Math.round(rate).toLocaleString("en"), bar: "≥ 400,000", isMet: rate >= 400_000 };
}

/** The table is made beforehand, so that only the data counts. */
async function pgloader({ server, postgres }: PostgresStage): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-bench-"));
  const { host, port, user, password } = server;
  const script = `LOAD DATABASE FROM mysql://${user}:${password}@${host}:${port}/${database.source} INTO ${postgres.url.replace("postgres:", "pgsql:")}/postgres
    WITH data only, workers = 2, concurrency = 1, no truncate INCLUDING ONLY TABLE NAMES MATCHING 'orders'
    ALTER SCHEMA '${database.source}' RENAME TO 'source';\n`;
  try {
    await writeFile(path.join(folder, "orders.load"), script);
    await shell(`pgloader ${path.join(folder, "orders.load")}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
