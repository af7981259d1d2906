import type { Writer } from "../contract.js";
import { writerTemplate } from "../sql/template.js";
import { sqlWriter } from "../sql/write/writer.js";
import { setSequences } from "./sequences.js";
import type { PostgresqlSource } from "./source.js";
import { postgresqlSystem } from "./system.js";
import template from "./template.json" with { type: "json" };
import { type PostgresqlWriteParams, postgresqlWriteParams } from "./write-params.js";

const flow = sqlWriter(postgresqlSystem, {
  params: postgresqlWriteParams,
  // Hologres leaves out rows whose key is there, in DataWorks, and replaces them in DataX.
  defaults: {
    holo: { conflictMode: "ignore" },
    hologres: { conflictMode: "ignore" },
    hologresjdbc: { writeMode: "replace" },
  },
  template: writerTemplate(template.writer),
});

/** Writes tables by COPY, keys minded on a stage where that is wished; by multi-row INSERT where defaults take the place of nulls. */
export const postgresqlWriter: Writer<PostgresqlSource, PostgresqlWriteParams> = {
  ...flow,
  async finish(side, run, tokens) {
    if (side.params.setsSequences) await setSequences(side);
    await flow.finish?.(side, run, tokens);
  },
};
