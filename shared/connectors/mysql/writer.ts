import type { Writer } from "../contract.js";
import { writerTemplate } from "../sql/template.js";
import type { SqlWriteParams } from "../sql/write/write-params.js";
import { sqlWriter } from "../sql/write/writer.js";
import type { MysqlSource } from "./source.js";
import { mysqlSystem } from "./system.js";
import template from "./template.json" with { type: "json" };
import { mysqlWriteParams } from "./write-params.js";

/** Writes tables by LOAD DATA LOCAL where the server allows it and is proven to keep its rules, else by multi-row INSERT, with the same guarantees. */
export const mysqlWriter: Writer<MysqlSource, SqlWriteParams> = sqlWriter(mysqlSystem, {
  params: mysqlWriteParams,
  // DRDS and AnalyticDB replace, the latter when DataX writes it; all others insert.
  defaults: { drds: { writeMode: "replace" }, adbmysql: { writeMode: "replace" } },
  template: writerTemplate(template.writer),
});
