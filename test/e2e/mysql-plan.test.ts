import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { copy, count, type MysqlStage, openMysqlStage, remake } from "./mysql-copies.js";

let stage: MysqlStage;
beforeAll(async () => {
  stage = await openMysqlStage();
  const { source, target } = stage;
  await remake(source, "wide", "(id INT PRIMARY KEY, v VARCHAR(9), x INT)");
  await remake(source, "keyless", "(id INT, v VARCHAR(9))");
  await source.query("CREATE OR REPLACE VIEW looked AS SELECT id, v FROM keyless");
  await source.query("DROP PROCEDURE IF EXISTS answer");
  await source.query("CREATE PROCEDURE answer() SELECT 1, 'a'");
  await remake(target, "log", "(at INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(99))");
  await target.query("CREATE OR REPLACE VIEW sums AS SELECT COUNT(*) AS id, MAX(v) AS v FROM (SELECT 1 v) x");
  for (const table of ["keyless", "one", "two"]) {
    if (table !== "keyless") await remake(source, table, "(id INT PRIMARY KEY, v VARCHAR(9))");
    await source.query(`INSERT INTO ${table} SELECT seq, '${table}' FROM seq_1_to_1500`);
  }
});
afterAll(() => stage.close());

/** Where an error stands and what it says. */
function placed(error: { path?: string; message?: string; detail?: string } | null): string {
  return `${error?.path ?? ""}: ${error?.message ?? error?.detail}`;
}

const body = "(id INT PRIMARY KEY, v VARCHAR(9))";

describe("what cannot succeed is refused before the target is touched, by plan and by run alike", () => {
  beforeEach(async () => {
    for (const table of ["goal", "other"]) {
      await remake(stage.target, table, body);
      await stage.target.query(`INSERT INTO ${table} VALUES (-1, 'old')`);
    }
  });

  const empty = ["truncate table @table"];
  const into = { table: "goal", preSql: empty };
  const cases: [what: string, reader: object, writer: object, message: RegExp][] = [
    ["a filter on a table without a key", { table: "keyless", where: "created_at > 1" }, into, /where: .*created_at/],
    ["a filter on a view", { table: "looked", where: "order > 1" }, into, /where: .*syntax/],
    ["a filter that ends early", { table: "two", where: "id > 1) or (1" }, into, /where: .*syntax/],
    ["a value left open", { table: "keyless", where: "id > ?" }, into, /question mark/],
    ["shards of different widths", { table: "one,wide" }, into, /wide gives x as column 3, .*one gives none/],
    ["a column that a later shard lacks", { table: "wide,one", column: ["id", "x"] }, into, /column\[1\]: .*'x'.*one/],
    ["a later shard that is missing", { table: "one,nowhere" }, into, /nowhere does not exist/],
    [
      "statements of different widths",
      { table: undefined, column: undefined, querySql: ["SELECT 1, 'a'", "SELECT 2"] },
      into,
      /SELECT 2 gives 1 columns, .* gives 2/,
    ],
    [
      "a later statement with a mistake",
      { table: undefined, column: undefined, querySql: ["SELECT 1, 'a'", "SELEC 2"] },
      into,
      /SELEC/,
    ],
    [
      "a procedure as a query",
      { table: undefined, column: undefined, querySql: ["CALL answer()"] },
      into,
      /querySql is a CALL/,
    ],
    [
      "a query that is none",
      { table: undefined, column: undefined, querySql: ["DELETE FROM one"] },
      into,
      /DELETE is no query/,
    ],
    [
      "two targets for three tables",
      { table: "one,two,keyless" },
      { ...into, table: "goal,other" },
      /2 target tables need as many source tables.* has 3/,
    ],
    ["two targets for one table in many splits", { table: "one" }, { ...into, table: "goal,other" }, /source has 1/],
    [
      "a mistake in postSql",
      { table: "one" },
      { ...into, postSql: ["insert into log (what) values ('a')", "insrt into log"] },
      /postSql\[1\]: .*insrt/,
    ],
    [
      "a mistake in the second statement of an entry",
      { table: "one" },
      { ...into, postSql: ["delete from log; delet from log;"] },
      /postSql\[0\], statement 2: .*delet/,
    ],
    [
      "a mistake behind a statement that makes things",
      { table: "one" },
      { ...into, preSql: ["create table if not exists more (a int)", ...empty, "selct 1"] },
      /preSql\[2\]: .*selct/,
    ],
    [
      "a table of postSql that nothing makes",
      { table: "one" },
      { ...into, postSql: ["insert into nowhere values (1)"] },
      /postSql\[0\]: .*nowhere/,
    ],
    [
      "a column of preSql that is missing",
      { table: "one" },
      { ...into, preSql: ["delete from @table where v9 = 1"] },
      /preSql\[0\]: .*v9/,
    ],
    [
      "a target that is missing, and preSql makes none",
      { table: "one" },
      { table: "nowhere", preSql: ["truncate table goal"] },
      /nowhere does not exist/,
    ],
    [
      "a second target that is narrower",
      { table: "one,two" },
      { table: "goal,log", column: ["id", "v"], preSql: empty },
      /log has no column "id"/,
    ],
    [
      "a view that takes no rows",
      { table: "one" },
      { table: "sums", preSql: ["truncate table goal"] },
      /sums cannot be written/,
    ],
  ];

  for (const [what, reader, writer, message] of cases) {
    it(`${what}, says plan`, async () => {
      const { body: plan } = await stage.sluice.call("POST", "/v1/plan", { script: copy("one", {}, reader, writer) });
      expect(placed(plan)).toMatch(message);
    });
  }

  it("runs say the same and leave the target as it was", async () => {
    // They plan by the same code: some of them stand for all.
    const some = cases.filter((_, index) => index % 5 === 0);
    for (const [, reader, writer, message] of some) {
      const { run } = await stage.sluice.run(copy("one", {}, reader, writer));
      expect(run.state).toBe("failed");
      expect(placed(run.error)).toMatch(message);
    }
    expect([await count(stage.target, "goal"), await count(stage.target, "other")]).toEqual([1, 1]);
  });

  it("a target that the account may not insert into, or whose rows it may not replace", async () => {
    const { target, sluice } = stage;
    const user = `u${target.name.slice(-8)}`;
    await target.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'pass'`);
    try {
      await target.query(`GRANT SELECT, DROP, INSERT ON ${target.name}.other TO '${user}'@'%'`);
      await target.query(`GRANT SELECT, DROP ON ${target.name}.goal TO '${user}'@'%'`);
      await sluice.register("poor", "mysql", { ...target.source, username: user, password: "pass" });
      for (const writer of [{ table: "goal" }, { table: "other", writeMode: "replace" }]) {
        const script = copy("one", {}, {}, { datasource: "poor", preSql: empty, ...writer });
        expect((await sluice.call("POST", "/v1/plan", { script })).body.code).toBe("ACCESS_DENIED");
        const { run } = await sluice.run(script);
        expect(run.error).toMatchObject({ code: "ACCESS_DENIED", message: expect.stringMatching(/cannot be written/) });
      }
      expect([await count(target, "goal"), await count(target, "other")]).toEqual([1, 1]);
    } finally {
      await target.query(`DROP USER '${user}'@'%'`);
    }
  });
});

describe("statements of a job", () => {
  it("run, several in one entry, with bodies, delimiters and semicolons within quotes", async () => {
    const { target, sluice } = stage;
    await remake(target, "goal", body);
    await target.query("DELETE FROM log");
    for (const name of ["p1", "p2"]) await target.query(`DROP PROCEDURE IF EXISTS ${name}`);
    const say = (what: string) => `insert into log (what) values ('${what}')`;
    const writer = {
      table: "goal",
      preSql: [
        `${say("a;b")};${say("@table")} ; -- and ; so on\n${say("c")};`,
        `create procedure p1() begin ${say("p1")}; ${say("p1 too")}; end; call p1();`,
        `DELIMITER //\ncreate procedure p2() begin ${say("p2")}; end//\nDELIMITER ;\ncall p2();`,
        "insert into log (what) select concat('rows ', count(*)) from @table",
      ],
      postSql: [`${say("x")};${say("y")}`, "create table fresh like @table; insert into fresh select * from @table"],
    };
    await target.query("DROP TABLE IF EXISTS fresh");
    const script = copy("one", {}, {}, writer);
    const plan = await sluice.call("POST", "/v1/plan", { script });
    expect(plan.body.warnings.map(({ message }: { message: string }) => message)).toContain(
      "preSql[0]: @table within quotes is text, not the table's name",
    );
    const { run } = await sluice.run(script);
    expect(run).toMatchObject({ state: "succeeded", error: null });
    const said = (await target.query("SELECT what FROM log ORDER BY at")).flat();
    expect(said).toEqual(["a;b", "@table", "c", "p1", "p1 too", "p2", "rows 0", "x", "y"]);
    expect(await count(target, "fresh")).toBe(1500);
  });

  it("may use what earlier ones make, the target itself included", async () => {
    const { target, sluice } = stage;
    for (const table of ["made", "made_log"]) await target.query(`DROP TABLE IF EXISTS ${table}`);
    const writer = {
      table: "made",
      preSql: [`create table @table ${body}`, "create table made_log (n int); insert into made_log values (1)"],
      postSql: [
        "insert into made_log select count(*) from @table",
        "drop table made_log_old",
        "rename table made_log to made_log_old",
      ],
    };
    await target.query("CREATE TABLE IF NOT EXISTS made_log_old (n int)");
    const { run } = await sluice.run(copy("one", {}, {}, writer));
    expect(run).toMatchObject({ state: "succeeded", error: null });
    expect(await target.query("SELECT n FROM made_log_old ORDER BY n")).toEqual([["1"], ["1500"]]);
  });
});

describe("several target tables", () => {
  it("take the rows of one source table each, whatever the splits, an empty one included", async () => {
    const { source, target, sluice } = stage;
    await remake(source, "none", body);
    for (const name of ["to_one", "to_none", "to_two"]) await remake(target, name, body);
    const connection = [
      { datasource: "source", table: ["one", "none"] },
      { datasource: "source", table: ["two"] },
    ];
    const reader = { datasource: undefined, table: undefined, connection };
    const script = copy("one", { speed: { concurrent: 3 } }, reader, { table: ["to_one", "to_none", "to_two"] });
    const { run, splits } = await sluice.run(script);
    expect(run).toMatchObject({ state: "succeeded", counters: { written: 3000 } });
    expect(splits.length).toBeGreaterThan(3);
    for (const [name, text] of [
      ["to_one", "one"],
      ["to_two", "two"],
    ])
      expect(await target.query(`SELECT v, COUNT(*) FROM ${name} GROUP BY v`)).toEqual([[text, "1500"]]);
    expect(await count(target, "to_none")).toBe(0);
  });

  it("take one statement each", async () => {
    for (const name of ["to_one", "to_two"]) await remake(stage.target, name, body);
    const reader = { table: undefined, column: undefined, querySql: ["SELECT 1, 'a'", "SELECT 2, 'b'"] };
    const { run } = await stage.sluice.run(copy("one", {}, reader, { table: "to_one,to_two" }));
    expect(run.state).toBe("succeeded");
    expect(await stage.target.query("SELECT * FROM to_two")).toEqual([["2", "b"]]);
  });
});

describe("columns whose names are words of SQL", () => {
  const odd = "(id INT PRIMARY KEY, `order` INT, `desc` VARCHAR(9), `Key-No` INT, `current_user` FLOAT, `1` INT)";

  it("are read when they stand in the list without backticks, in any case", async () => {
    const { source, target, inBoth, sluice } = stage;
    await inBoth("odd", odd);
    await source.query("INSERT INTO odd VALUES (1, 2, 'd', 3, 1.2345678, 5), (2, 3, 'e', 4, 0.1, 6)");
    const named = { column: ["id", "ORDER", "desc", "key-no", "current_user"], splitPk: "order" };
    const { run } = await sluice.run(copy("odd", {}, named, { column: named.column }));
    expect(run).toMatchObject({ state: "succeeded", error: null });
    const all = "SELECT id, `order`, `desc`, `Key-No`, `current_user` * 1e0 FROM odd ORDER BY id";
    expect(await target.query(all)).toEqual(await source.query(all));
  });

  it("within expressions are told with the way out", async () => {
    await stage.inBoth("odd", odd);
    for (const [reader, path] of [
      [{ column: ["id", "order + 1"] }, "column[1]"],
      [{ column: ["id", "v"], where: "order > 1" }, "column[1]"],
      [{ column: ["id", "1"], where: "order > 1" }, "where"],
    ] as const) {
      const script = copy("odd", {}, reader, { column: ["id", "order"] });
      const { body: plan } = await stage.sluice.call("POST", "/v1/plan", { script });
      expect(placed(plan)).toContain(`${path}: `);
      if (path !== "column[1]" || reader.column[1] !== "v") expect(plan.hint).toMatch(/is quoted, such as `order`/);
    }
  });
});

describe("a JDBC URL without a database", () => {
  const datax = (from: object, to: object, parameters: { reader?: object; writer?: object } = {}) => {
    const { username, password, host, port } = stage.source.source;
    const jdbcUrl = `jdbc:mysql://${host}:${port}`;
    const account = { username, password, column: ["*"] };
    const reader = {
      ...account,
      connection: [{ jdbcUrl: [`${jdbcUrl}?useUnicode=true&useCompression=false`], ...from }],
    };
    const writer = { ...account, connection: [{ jdbcUrl: `${jdbcUrl}/?tinyInt1isBit=true`, ...to }] };
    const content = [
      {
        reader: { name: "mysqlreader", parameter: { ...reader, ...parameters.reader } },
        writer: { name: "mysqlwriter", parameter: { ...writer, ...parameters.writer } },
      },
    ];
    return { job: { setting: { speed: { channel: 2 }, errorLimit: { record: 0 } }, content } };
  };

  it("serves when tables name theirs, on both sides, the ledger and statements of the job included", async () => {
    const { source, target, sluice } = stage;
    await remake(target, "goal", body);
    await target.query("DELETE FROM log");
    const postSql = [
      "insert into log (what) select count(*) from @table",
      "insert into log (what) values (database())",
    ];
    const script = datax(
      { table: [`${source.name}.one`] },
      { table: [`${target.name}.goal`] },
      { writer: { postSql } },
    );
    const { run } = await sluice.run(script);
    expect(run).toMatchObject({ state: "succeeded", delivery: "ledger", counters: { written: 1500 } });
    expect((await target.query("SELECT what FROM log ORDER BY at")).flat()).toEqual(["1500", target.name]);
    expect(await count(target, "sluice_ledger")).toBe(0);
    const warnings = run.warnings.map(({ message }) => message).join("\n");
    expect(warnings).toMatch(/change nothing here: useCompression/);
    expect(warnings).toMatch(/tinyInt1isBit .* is not honoured/);
  });

  it("is told where a table names none", async () => {
    const { sluice, source, target } = stage;
    for (const [from, to] of [
      ["one", `${target.name}.goal`],
      [`${source.name}.one`, "goal"],
    ] as const) {
      const { run } = await sluice.run(datax({ table: [from] }, { table: [to] }));
      expect(run.error?.message).toMatch(/is in no database: write database\./);
    }
  });
});
