import { describe, expect, test } from "vitest";
import type { MysqlClient } from "../../../../../../shared/connectors/mysql/client.js";
import { mysqlSystem } from "../../../../../../shared/connectors/mysql/system.js";
import type { MysqlPlan, MysqlTarget } from "../../../../../../shared/connectors/mysql/target-column.js";
import type { MysqlTypes } from "../../../../../../shared/connectors/mysql/types.js";
import { type Attempt, loadOrRefuse } from "../../../../../../shared/connectors/sql/write/refused-rows.js";
import {
  boundLoader,
  insertLoader,
  type LoadSetting,
} from "../../../../../../shared/connectors/sql/write/row-loader.js";
import type { DataRecord } from "../../../../../../shared/model/batch.js";

type Warning = readonly [level: string, number: number, message: string];

/** A server that keeps what it is told, and warns of a statement as `warns` says. */
function server(warns: (sql: string) => readonly Warning[], { remembers = 100 } = {}) {
  let kept: string[] = [];
  let saved: string[] = [];
  let warnings: readonly Warning[] = [];
  const client = {
    async query() {
      return { names: [], rows: warnings.slice(0, remembers).map((warning) => warning.map(String)) };
    },
    async execute(sql: string) {
      if (sql.startsWith("SAVEPOINT")) saved = [...kept];
      else if (sql.startsWith("ROLLBACK TO")) kept = saved;
      else if (sql.startsWith("INSERT")) kept.push(...(sql.match(/'id \d+'|@sluice_0/g) ?? []));
      warnings = warns(sql);
      return { affectedRows: 1, warnings: warnings.length };
    },
  };
  // The loader asks for no more of a client than these two.
  return { client: client as unknown as MysqlClient, kept: () => kept };
}

const column: MysqlTarget = {
  ...{ type: "string", isMoment: false, takesBytes: false, refusesEmpty: false },
  ...{ name: "a", form: "text", dataType: "text", scale: null, bits: null, members: null },
  ...{ isUnsigned: false, isAutoIncrement: false, refusesNull: false, maxLength: null, wholeDigits: null },
  ...{ defaultForNull: false, isForeignText: false },
};
const plan: MysqlPlan = {
  ...{ datasource: null, sqlName: "t", title: "t", mode: "update", columns: [column], updateColumns: ["a"], keys: [] },
  ...{ isTransactional: true, emptyAsNull: false, bulk: false, ledger: false, maxStatementBytes: 4_000 },
};
const rows: DataRecord[] = Array.from({ length: 30 }, (_, i) => [`id ${i}`]);
const { writing } = mysqlSystem;
if (writing.bound) throw new Error("MySQL's rows go in the text of statements");
const literals = writing;
const lineOf = (client: MysqlClient) => ({ client, renew: async () => {} });
const loaderOf = (client: MysqlClient, over: Omit<LoadSetting<MysqlTypes>, "system" | "line">) =>
  insertLoader<MysqlTypes>({ system: mysqlSystem, literals, line: lineOf(client), ...over });
const load = (client: MysqlClient, over: Partial<MysqlPlan> = {}, given = rows) =>
  loadOrRefuse(loaderOf(client, { plan: { ...plan, ...over }, batchSize: 10, batchBytes: 10_000 }), given);
const bent: Warning = ["Warning", 1265, "Data truncated for column 'a' at row 3"];

describe("INSERT statements that a server takes and warns of", () => {
  test("are taken back, and the rows that it means are refused, wherever its words say they are", async () => {
    for (const message of ["bent at row 1", "bent at row 3", "bent", "bent at row 99"]) {
      const { client, kept } = server((sql) => (/'id 17'/.test(sql) ? [["Warning", 1265, message]] : []));
      expect(await load(client)).toEqual([{ index: 17, why: { reason: "CONVERSION", message, isTaken: true } }]);
      expect(new Set(kept())).toEqual(new Set(rows.filter((_, i) => i !== 17).map(([id]) => `'${id}'`)));
      expect(kept()).toHaveLength(29);
    }
  });

  test("are fine where it is a note, or about the statement itself", async () => {
    const harmless: Warning[] = [
      ["Note", 1265, "Data truncated for column 'a' at row 1"],
      ["Warning", 1287, "'VALUES function' is deprecated"],
    ];
    const { client, kept } = server((sql) => (sql.startsWith("INSERT") ? harmless : []));
    expect(await load(client)).toEqual([]);
    expect(kept()).toHaveLength(30);
  });

  test("are taken back where the server remembers too little of what it warned of", async () => {
    const { client, kept } = server((sql) => (/'id [25]'/.test(sql) ? [bent] : []), { remembers: 0 });
    expect((await load(client)).map(({ index }) => index)).toEqual([2, 5]);
    expect(kept()).toHaveLength(28);
  });

  test("stay in a table without transactions, which is said", async () => {
    const { client } = server((sql) => (/'id 1'/.test(sql) ? [bent] : []));
    const loader = loaderOf(client, { plan: { ...plan, isTransactional: false }, batchSize: 9, batchBytes: 999 });
    expect((await loader.loadOne(["id 1"]))?.message).toMatch(/the record stays there as the server bent it/);
    expect(await loader.loadOne(["id 2"])).toBeNull();
  });

  test("are looked at in each piece of a long row", async () => {
    const long: DataRecord[] = [[`${"'".repeat(2_500)}`]];
    for (const place of ["INSERT", "SET @sluice_0 = CONCAT"]) {
      const { client, kept } = server((sql) => (sql.startsWith(place) ? [["Warning", 1301, "too large"]] : []));
      expect(await load(client, {}, long)).toMatchObject([{ index: 0, why: { message: "too large" } }]);
      expect(kept()).toEqual([]);
    }
  });
});

test("Names of rows that lead astray are not followed for long.", async () => {
  const many: DataRecord[] = Array.from({ length: 2_000 }, (_, i) => [`id ${i}`]);
  let statements = 0;
  const { client } = server((sql) => {
    if (sql.startsWith("INSERT")) statements++;
    return /'id 1999'/.test(sql) ? [["Warning", 1265, "bent, by the count of a trigger, at row 1"]] : [];
  });
  const loader = loaderOf(client, { plan: { ...plan, maxStatementBytes: 1e6 }, batchSize: 5_000, batchBytes: 1e6 });
  expect((await loadOrRefuse(loader, many)).map(({ index }) => index)).toEqual([1999]);
  expect(statements).toBeLessThan(50);
});

describe("rows as values of a prepared statement", () => {
  const why = { reason: "CONVERSION", message: "no number" } as const;
  const bound = (attempt: Attempt) =>
    boundLoader<MysqlTypes>(
      { ...{ system: mysqlSystem, plan, batchSize: 10, batchBytes: 1_000 }, line: lineOf(server(() => []).client) },
      { bound: { statement: () => "", load: async () => attempt } },
    );

  test("that the server refuses are those it names, and all others are taken", async () => {
    const loader = bound({ kind: "taken", refused: [{ index: 7, why }] });
    expect(await loadOrRefuse(loader, rows)).toEqual([{ index: 7, why }]);
  });

  test("are taken back together where it names none, and looked for one by one", async () => {
    let calls = 0;
    const loader = boundLoader<MysqlTypes>(
      { ...{ system: mysqlSystem, plan, batchSize: 10, batchBytes: 1_000 }, line: lineOf(server(() => []).client) },
      {
        bound: {
          statement: () => "",
          load: async (_client, some) => {
            calls++;
            if (!some.some(([id]) => id === "id 17")) return { kind: "taken" };
            return some.length === 1
              ? { kind: "taken", refused: [{ index: 0, why }] }
              : { kind: "refused", suspects: [] };
          },
        },
      },
    );
    expect(await loadOrRefuse(loader, rows)).toEqual([{ index: 17, why }]);
    expect(calls).toBeLessThan(rows.length);
  });
});
