import type { Reader, Writer } from "../contract.js";
import { idle } from "../params/fields.js";
import type { SqlReadParams } from "../sql/read/read-params.js";
import { sqlReader } from "../sql/read/reader.js";
import { readerTemplate, writerTemplate } from "../sql/template.js";
import { type SqlWriteParams, writeParams } from "../sql/write/write-params.js";
import { sqlWriter } from "../sql/write/writer.js";
import type { Db2Source } from "./source.js";
import { db2System } from "./system.js";
import template from "./template.json" with { type: "json" };

/** What published jobs and editors write beside them. */
const ignored = {
  fetchSize: idle("rows are asked for 1,000 at a time"),
  encoding: idle("IBM's library converts text"),
  singleOrMulti: idle(),
  envType: idle(),
};

/** Reads tables in ranges of a key. */
export const db2Reader: Reader<Db2Source, SqlReadParams> = sqlReader(db2System, {
  ignored,
  template: readerTemplate(template.reader),
});

const { fetchSize: _, ...written } = ignored;

/** Writes tables by arrays of values; by MERGE where rows that are there are changed. */
export const db2Writer: Writer<Db2Source, SqlWriteParams> = sqlWriter(db2System, {
  params: writeParams(written),
  template: writerTemplate(template.writer),
});
