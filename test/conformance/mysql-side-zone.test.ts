import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type MysqlServer, startMariadb, urlVariable } from "../servers/mariadb.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { recordsOf, sideOf } from "./drive.js";

const reader = mysql.reader!;
let database: ScratchDatabase;

beforeAll(async () => {
  database = await scratchDatabase();
  await database.query("CREATE TABLE s (ts TIMESTAMP)");
  await database.query("INSERT INTO s VALUES (FROM_UNIXTIME(1710027000))");
});
afterAll(() => database.drop());

function side(query: string, { more = {}, job = null }: { more?: JsonObject; job?: string | null } = {}) {
  const { host, port, database: name, username, password } = database.source;
  const source = { jdbcUrl: `jdbc:mysql://${host}:${port}/${name}?${query}`, username, password, ...more };
  return { ...sideOf(mysql, reader.params, source, { table: "s", column: ["ts"] }), timeZone: job };
}

describe("the zone of a JDBC URL", () => {
  test.each([
    ["serverTimezone=Asia/Shanghai", "+08:00", "serverTimezone"],
    ["servertimezone=Asia%2FShanghai", "+08:00", "serverTimezone"],
    ["serverTimezone=GMT%2B8", "+08:00", "serverTimezone"],
    ["serverTimezone=GMT+8", "+08:00", "serverTimezone"],
    ["connectionTimeZone=%2B09:00&serverTimezone=UTC", "+09:00", "connectionTimeZone"],
    ["connectionTimeZone=SERVER&serverTimezone=UTC", "+00:00", "serverTimezone"],
    ["sessionVariables=time_zone='%2B05:30'", "+05:30", "sessionVariables"],
    ["sessionVariables=sql_mode='ANSI',time_zone=%27-03:00%27", "-03:00", "sessionVariables"],
  ])("%s counts, and its SQL and texts are in it", async (query, zone, said) => {
    const own = side(query);
    const found = await reader.timeZone?.(own);
    expect(found).toMatchObject({ zone, from: expect.stringContaining(said) });
    const [[moment]] = (await recordsOf(reader, { ...own, timeZone: zone })) as [[string]];
    expect(Date.parse(`${moment.slice(0, 19).replace(" ", "T")}${zone}`)).toBe(1710027000_000);
  });

  test("comes after the data source's, and that after the job's", async () => {
    const more = { timeZone: "+07:00" };
    const url = "serverTimezone=Asia/Shanghai&sessionVariables=time_zone='%2B05:30'";
    const zoneOf = async (options: Parameters<typeof side>[1]) => (await reader.timeZone?.(side(url, options)))?.zone;
    expect([await zoneOf({ job: "+01:00", more }), await zoneOf({ more }), await zoneOf({})]).toEqual([
      "+01:00",
      "+07:00",
      "+08:00",
    ]);
  });

  test("is refused where its name means several zones", () => {
    expect(() => side("serverTimezone=CST")).toThrow(/no time zone that is clear/);
  });
});

describe.skipIf(process.env[urlVariable] !== undefined)("a server that only says SYSTEM", () => {
  let server: MysqlServer;

  beforeAll(async () => {
    const before = process.env.TZ;
    process.env.TZ = "America/New_York";
    try {
      server = await startMariadb([], "SYSTEM");
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });
  afterAll(() => server.stop());

  test("is known by its clocks, whatever its zone's abbreviation is now", async () => {
    const { host, port, user: username, password } = server;
    const source = { host, port, database: "mysql", username, password };
    const own = sideOf(mysql, reader.params, source, { querySql: ["SELECT FROM_UNIXTIME(1710027000)"] });
    expect(await reader.timeZone?.(own)).toMatchObject({ zone: "America/New_York", from: "the server's own" });
    const records = await recordsOf(reader, { ...own, timeZone: "America/New_York" });
    expect(records).toEqual([[expect.stringContaining("2024-03-09 18:30:00")]]);
  });
});
