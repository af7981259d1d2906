import type { Writer } from "../contract.js";
import { writerTemplate } from "../sql/template.js";
import { sqlWriter } from "../sql/write/writer.js";
import type { SqlserverSource } from "./source.js";
import { sqlserverSystem } from "./system.js";
import template from "./template.json" with { type: "json" };
import { type SqlserverWriteParams, sqlserverWriteParams } from "./write-params.js";

/** Writes tables by bulk load and one statement behind it, by multi-row INSERT where defaults take the place of nulls. */
export const sqlserverWriter: Writer<SqlserverSource, SqlserverWriteParams> = sqlWriter(sqlserverSystem, {
  params: sqlserverWriteParams,
  template: writerTemplate(template.writer),
});
