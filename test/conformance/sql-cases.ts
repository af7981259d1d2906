import { afterAll, beforeAll, describe } from "vitest";
import type { Connector } from "../../shared/connectors/contract.js";
import { sideOf } from "./drive.js";
import { dirtyCases } from "./sql-dirty-cases.js";
import type { SqlBench, SqlOptions, SqlScratch } from "./sql-fixture.js";
import { ledgerCases } from "./sql-ledger-cases.js";
import { splitCases } from "./sql-split-cases.js";

/** The cases that every SQL system passes beside those of all connectors: splitting, ledger, dirty records, statements. */
export function sqlCases<S, R, W>(
  connector: Connector<S, R, W>,
  fixture: () => Promise<SqlScratch>,
  options: SqlOptions,
): void {
  const { reader, writer } = connector;
  if (!reader || !writer) throw new Error(`${connector.name} has no reader or no writer`);
  describe(`${connector.name} conforms as a SQL system`, () => {
    let scratch: SqlScratch | undefined;
    let made = 0;
    beforeAll(async () => {
      scratch = await fixture();
    });
    afterAll(async () => {
      await scratch?.close();
    });
    const open = () => {
      if (!scratch) throw new Error("the fixture was not made");
      return scratch;
    };
    const side: SqlBench<S, W>["side"] = (parameter) =>
      sideOf(connector, writer.params, open().source, { column: ["*"], ...parameter });
    const bench: SqlBench<S, W> = {
      ...{ options, side, scratch: open },
      async table(declaration) {
        const name = `case_${++made}`;
        await open().run(`CREATE TABLE ${name} (${declaration})`);
        return name;
      },
      count: async (table) => Number((await open().run(`SELECT COUNT(*) FROM ${table}`))[0]?.[0]),
      async prepared(parameter, exactlyOnce = "auto") {
        const made = side(parameter);
        const columns = [
          { name: "id", type: "long" },
          { name: "name", type: "string" },
        ] as const;
        return { side: made, prepared: await writer.prepare(made, { runId: "r", exactlyOnce, columns }) };
      },
    };
    splitCases(bench, connector, reader);
    ledgerCases(bench, writer);
    dirtyCases(bench, writer);
  });
}
