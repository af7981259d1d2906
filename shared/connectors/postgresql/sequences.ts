import type { Side } from "../contract.js";
import { settingOf } from "../sql/side-setting.js";
import { sourceOf } from "../sql/side-source.js";
import { writtenColumns } from "../sql/write/target-plan.js";
import type { PostgresqlSource } from "./source.js";
import { quotePostgresqlName, quotePostgresqlText } from "./sql-text.js";
import { postgresqlSystem } from "./system.js";
import type { PostgresqlWriteParams } from "./write-params.js";

/** Lets the sequences behind written columns go on after the largest value of each table; one that is further already stays. */
export async function setSequences(side: Side<PostgresqlSource, PostgresqlWriteParams>): Promise<void> {
  const { params, signal } = side;
  const { connect, describeTable, errors, whyNotPlanned } = postgresqlSystem;
  for (const { datasource, table: name } of params.targets) {
    const source = sourceOf(side, datasource);
    const client = await connect(source, { ...settingOf(whyNotPlanned, side, "write"), signal });
    try {
      const table = await describeTable(client, source, name);
      for (const { name: column, sequence } of writtenColumns(table, params)) {
        if (sequence === null) continue;
        const largest = `SELECT max(${quotePostgresqlName(column)}) AS value FROM ${table.sqlName}`;
        await client.query(
          `SELECT setval(${quotePostgresqlText(sequence)}::regclass, value) FROM (${largest}) AS largest, ${sequence} AS present
             WHERE value > present.last_value OR (value = present.last_value AND NOT present.is_called)`,
        );
      }
    } catch (error) {
      throw errors.toSluiceError(error, `setting the sequences of ${name}`);
    } finally {
      await client.close();
    }
  }
}
