import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Side } from "../../shared/connectors/contract.js";
import { connectMysql } from "../../shared/connectors/mysql/client.js";
import { mysql } from "../../shared/connectors/mysql/index.js";
import { type MysqlSource, mysqlSourceSchema } from "../../shared/connectors/mysql/source.js";
import { postgresqlCatalog } from "../../shared/connectors/postgresql/catalog.js";
import { postgresqlSource } from "../../shared/connectors/postgresql/source.js";
import { testConnectivity } from "../../shared/looks/connectivity.js";
import { UserError } from "../../shared/model/errors.js";
import { startDeadline } from "../../shared/model/overdue.js";
import { type HangingMysql, startHangingMysql } from "../servers/hanging-mysql.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { scratchPostgres } from "../servers/scratch-postgres.js";

const reader = mysql.reader ?? expect.fail("no reader");
const writer = mysql.writer ?? expect.fail("no writer");
const catalog = mysql.catalog ?? expect.fail("no catalog");

/** Long enough to let in, short enough for a test. */
const WAIT_MS = 700;

function sourceOf(properties: object): MysqlSource {
  return mysqlSourceSchema.parse(properties);
}

function sideOf<P>(source: MysqlSource, params: P, signal: AbortSignal): Side<MysqlSource, P> {
  return { source, sources: {}, params, timeZone: null, signal };
}

const reading = (more: object) => reader.params.parse({ table: ["t"], column: ["id"], ...more });
const writing = (more: object) => writer.params.parse({ table: ["t"], column: ["id"], ...more });
const run = {
  ...{ runId: "r1", exactlyOnce: false, clock: "+00:00", splitsPerTable: [1] },
  columns: [{ name: "id", type: "long" }],
} as const;

/** Does work with a signal that fires after a while. */
async function inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = startDeadline(WAIT_MS);
  try {
    return await work(deadline.signal);
  } finally {
    deadline.clear();
  }
}

describe("a server that lets in and then says nothing", () => {
  let server: HangingMysql;
  let source: MysqlSource;
  beforeAll(async () => {
    server = await startHangingMysql();
    source = sourceOf({ host: "127.0.0.1", port: server.port, database: "d", username: "u", password: "p" });
  });
  afterAll(() => server.close());

  const works: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
    "a list of tables": (signal) => catalog.tables(source, { search: "", limit: 5, page: null }, signal),
    "a list of columns": async (signal) => catalog.columns?.(source, "t", signal),
    "the reader's columns": (signal) => reader.columns(sideOf(source, reading({}), signal)),
    splitting: (signal) => reader.split(sideOf(source, reading({}), signal), 5),
    "the target's columns": (signal) => writer.columns(sideOf(source, writing({}), signal)),
    preparing: (signal) => writer.prepare(sideOf(source, writing({}), signal), run),
    publishing: async (signal) =>
      writer.finish?.(sideOf(source, writing({ postSql: ["DO 1"] }), signal), run as never, []),
  };

  it("is named when the time of any work is up, and let go of", async () => {
    const message = /127\.0\.0\.1:\d+ .*did not answer within 0\.7 s/;
    const ended = Object.entries(works).map(async ([name, work]) => {
      await expect(inTime(work), name).rejects.toMatchObject({
        ...{ code: "SOURCE_UNREACHABLE", recovery: "retry", message: expect.stringMatching(message) },
      });
    });
    await Promise.all(ended);
    await expect.poll(() => server.open()).toBe(0);
  });

  it("is let go of at once when the work is cancelled", async () => {
    const cancel = new AbortController();
    const work = reader.split(sideOf(source, reading({}), cancel.signal), 5);
    work.catch(() => {});
    await expect.poll(() => server.open()).toBe(1);
    cancel.abort(new UserError("CANCELLED", "the run was cancelled on request"));
    await expect(work).rejects.toMatchObject({ code: "CANCELLED", message: "the run was cancelled on request" });
    await expect.poll(() => server.open()).toBe(0);
  });

  it("has a minute to set a session up, also where nobody waits for a deadline", async () => {
    const opening = connectMysql(source, { use: "write", setUpMs: WAIT_MS });
    await expect(opening).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringContaining("(setting up the session) did not answer within 0.7 s"),
    });
    await expect.poll(() => server.open()).toBe(0);
  });

  it("fails a connectivity test", async () => {
    const { ok, steps } = await testConnectivity(mysql, source, { timeoutMs: WAIT_MS });
    expect({ ok, last: steps.at(-1) }).toMatchObject({ ok: false, last: { name: "login", ok: false } });
    await expect.poll(() => server.open()).toBe(0);
  });
});

describe("a statement that takes long", () => {
  let db: ScratchDatabase;
  let source: MysqlSource;
  beforeAll(async () => {
    db = await scratchDatabase();
    source = sourceOf(db.source);
    await db.query("CREATE TABLE t (id INT PRIMARY KEY)");
    await db.query("INSERT INTO t VALUES (1), (2), (3)");
  });
  afterAll(() => db.drop());

  /** Statements on the server that are at work in the test's database. */
  async function atWork(): Promise<number> {
    const list = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    return Number((await db.query(`${list} AND command <> 'Sleep'`))[0]?.[0]);
  }

  it("is ended on the server when splitting has no more time for it", async () => {
    const params = reading({ where: "SLEEP(600) = 0" });
    await expect(inTime((signal) => reader.split(sideOf(source, params, signal), 5))).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });
    await expect.poll(atWork).toBe(0);
  });

  it("is ended on the server when its run is cancelled while it prepares or publishes", async () => {
    for (const key of ["preSql", "postSql"] as const) {
      const cancel = new AbortController();
      const side = sideOf(source, writing({ [key]: ["DO SLEEP(600)"] }), cancel.signal);
      const work = Promise.resolve(
        key === "preSql" ? writer.prepare(side, run) : writer.finish?.(side, run as never, []),
      );
      work.catch(() => {});
      await expect.poll(atWork).toBe(1);
      cancel.abort();
      await expect(work).rejects.toMatchObject({ code: "CANCELLED" });
      await expect.poll(atWork).toBe(0);
    }
  });

  it("of a querySql is described and not run by a plan", async () => {
    const params = reader.params.parse({ querySql: ["SELECT SLEEP(600) AS s FROM t"] });
    expect(await reader.columns(sideOf(source, params, new AbortController().signal))).toMatchObject([{ name: "s" }]);
  });
});

describe("a look into PostgreSQL", () => {
  it("ends with its deadline, and says what did not answer", async () => {
    const db = await scratchPostgres();
    try {
      const source = postgresqlSource.schema.parse(db.source);
      const gone = AbortSignal.abort(new DOMException("late", "TimeoutError"));
      await expect(postgresqlCatalog.tables(source, { search: "", limit: 5, page: null }, gone)).rejects.toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringContaining("did not answer in time"),
      });
    } finally {
      await db.drop();
    }
  });
});
