import { describe, expect, test } from "vitest";
import type { MysqlClient, Outcome } from "../../../../../shared/connectors/mysql/client.js";
import { proveLoadData } from "../../../../../shared/connectors/mysql/load-data-proof.js";

/** What a server may do otherwise than MySQL. */
interface Lies {
  readonly name?: string;
  readonly commits?: boolean;
  readonly isSilent?: (line: string) => boolean;
  readonly countsSkipped?: boolean;
  readonly altersGood?: boolean;
  readonly mayMake?: (sql: string) => boolean;
}

class Denied extends Error {
  readonly errno = 1044;
  readonly code = "ER_DBACCESS_DENIED_ERROR";
}

/** A server that answers the statements of the proof, and a list of what it was asked. */
function server(lies: Lies = {}) {
  const asked: string[] = [];
  let rows: string[] = [];
  function load(line: string): Outcome {
    const [key = ""] = line.split("\t");
    if (lies.commits) kept.push(key);
    const isBad = !line.startsWith("2\t");
    const isDuplicate = key === "1";
    if (!isDuplicate) rows.push(lies.altersGood ? `${key},tw,-2,2024-02-29` : line.replaceAll("\t", ","));
    const warnings = isBad && !lies.isSilent?.(line) ? 1 : 0;
    return { affectedRows: isDuplicate && !lies.countsSkipped ? 0 : 1, warnings };
  }
  const kept: string[] = [];
  const client = {
    encryption: null,
    async query(sql: string) {
      if (sql.includes("@@version"))
        return { names: [], rows: [[lies.name ?? "mariadb.org binary distribution", "10.11"]] };
      return { names: [], rows: rows.toSorted().map((row) => row.split(",")) };
    },
    async execute(sql: string, data?: Buffer): Promise<Outcome> {
      asked.push(
        sql
          .replace(/`[^`]*`/, "T")
          .split(" ")
          .slice(0, 2)
          .join(" "),
      );
      if (sql.startsWith("CREATE") && lies.mayMake?.(sql) === false) throw new Denied("denied");
      if (sql.startsWith("INSERT")) rows.push("1,one,1,2024-02-29");
      if (sql === "ROLLBACK") rows = kept;
      return data ? load(data.toString().trimEnd()) : { affectedRows: 1, warnings: 0 };
    },
  };
  // The proof asks for no more of a client than these three.
  return { asked, client: client as unknown as MysqlClient };
}

describe("LOAD DATA LOCAL", () => {
  test("is proven where every planted row is warned of, and all goes with a rollback", async () => {
    const { client, asked } = server();
    expect(await proveLoadData(client)).toBeNull();
    expect(asked.at(0)).toBe("CREATE TEMPORARY");
    expect(asked.at(-1)).toBe("DROP TEMPORARY");
  });

  const liars: [fault: RegExp, lies: Lies][] = [
    [/too long is cut/, { isSilent: (line) => line.startsWith("3\t") }],
    [/out of range/, { isSilent: (line) => line.startsWith("4\t") }],
    [/impossible date/, { isSilent: (line) => line.startsWith("5\t") }],
    [/missing fields/, { isSilent: (line) => line.startsWith("6\t") }],
    [/duplicate key is skipped/, { isSilent: (line) => line.startsWith("1\t") }],
    [/duplicate key is skipped/, { countsSkipped: true }],
    [/commits what was written/, { commits: true }],
    [/good row is not loaded/, { altersGood: true }],
    [/OceanBase/, { name: "OceanBase 4.3.5.3 (r1) 5.7.25-OceanBase seekdb-v1.4.0.0" }],
  ];
  test.each(liars)("is not used where %s", async (fault, lies) => {
    expect(await proveLoadData(server(lies).client)).toMatch(fault);
  });

  const narrow: [name: string, mayMake: string, proven: boolean][] = [
    ["mariadb.org binary distribution", "TABLE", true],
    ["mariadb.org binary distribution", "", true],
    ["MySQL Community Server - GPL", "", true],
    ["Source distribution", "", true],
    ["TiDB Server (Apache License 2.0) Community Edition, MySQL 8.0 compatible 8.0.11-TiDB-v7", "", false],
    ["Tddl Server (ALIBABA) 5.6.29-TDDL-5.4.12", "", false],
    ["", "", false],
  ];
  test.each(narrow)("%s, an account that may make %s: %s", async (name, mayMake, proven) => {
    const { client } = server({ name, mayMake: (sql) => mayMake !== "" && sql.startsWith(`CREATE ${mayMake}`) });
    const found = await proveLoadData(client);
    if (proven) expect(found).toBeNull();
    else expect(found).toMatch(/may not make a table/);
  });
});
