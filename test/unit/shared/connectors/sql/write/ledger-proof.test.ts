import { expect, it } from "vitest";
import type { SqlClient } from "../../../../../../shared/connectors/sql/client.js";
import { standardText } from "../../../../../../shared/connectors/sql/sql-text.js";
import { standardLedger } from "../../../../../../shared/connectors/sql/write/ledger.js";
import { ensureLedger } from "../../../../../../shared/connectors/sql/write/ledger-table.js";

const system = {
  text: standardText,
  writing: { ledger: standardLedger({ text: "text", integer: "int" }), transactions: { begin: "BEGIN" } },
};

/** A server with one table, which takes back what was written since BEGIN only if it has transactions. */
function serverWith({ transactions }: { readonly transactions: boolean }) {
  let [rows, before] = [0, 0];
  const done: string[] = [];
  const client = {
    async query(sql: string) {
      if (sql.includes("1 = 0")) throw new Error("no such table");
      return { names: ["1"], rows: Array.from({ length: rows }, () => ["1"]) };
    },
    async execute(sql: string) {
      const [verb = ""] = sql.split(" ");
      done.push(verb);
      if (verb === "BEGIN") before = rows;
      if (verb === "INSERT") rows++;
      if (verb === "DELETE") rows = 0;
      if (verb === "ROLLBACK" && transactions) rows = before;
      return { affectedRows: 1 };
    },
  };
  // Only what the ledger asks for.
  return { client: client as unknown as SqlClient, done, rows: () => rows };
}

it("A ledger serves where the server takes back what is rolled back", async () => {
  const { client, done, rows } = serverWith({ transactions: true });
  expect(await ensureLedger(system, client)).toBeNull();
  expect(done[0]).toBe("CREATE");
  expect(rows()).toBe(0);
});

it("A server that keeps it, and says OK, gets no ledger, and nothing is left in its table", async () => {
  const { client, rows } = serverWith({ transactions: false });
  expect(await ensureLedger(system, client)).toBe("the server keeps what was rolled back");
  expect(rows()).toBe(0);
});
