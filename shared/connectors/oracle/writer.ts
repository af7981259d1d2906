import type { Writer } from "../contract.js";
import { idle } from "../params/fields.js";
import { writerTemplate } from "../sql/template.js";
import { type SqlWriteParams, writeParams } from "../sql/write/write-params.js";
import { sqlWriter } from "../sql/write/writer.js";
import type { OracleSource } from "./source.js";
import { oracleSystem } from "./system.js";
import template from "./template.json" with { type: "json" };

/** What published jobs and editors write beside them. */
const ignored = {
  encoding: idle("the server converts text from UTF-8"),
  socketTimeout: idle("a connection that says nothing for long is given up anyway"),
  singleOrMulti: idle(),
  envType: idle(),
};

/** Writes tables by array binds, where a bad row costs no neighbour; by MERGE where rows that are there are changed. */
export const oracleWriter: Writer<OracleSource, SqlWriteParams> = sqlWriter(oracleSystem, {
  params: writeParams(ignored),
  template: writerTemplate(template.writer),
});
