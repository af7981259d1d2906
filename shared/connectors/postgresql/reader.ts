import type { Reader } from "../contract.js";
import { idle } from "../params/fields.js";
import type { ReadParams } from "../sql/read/read-params.js";
import { sqlReader } from "../sql/read/reader.js";
import { readerTemplate } from "../sql/template.js";
import type { PostgresqlSource } from "./source.js";
import { postgresqlSystem } from "./system.js";
import template from "./template.json" with { type: "json" };

/** What published jobs and editors write beside them. */
const ignored = {
  encoding: idle("the server converts text to UTF-8"),
  socketTimeout: idle("a connection that says nothing for long is given up anyway"),
  fetchSize: idle("rows are streamed"),
  useReadOnly: idle("the address of the data source decides"),
  partition: idle("a table is read with its partitions; name one as the table, or use where"),
  singleOrMulti: idle(),
  envType: idle(),
};

/** Reads tables in ranges of a key, or of the pages that its rows lie on, each with one COPY. */
export const postgresqlReader: Reader<PostgresqlSource, ReadParams> = sqlReader(postgresqlSystem, {
  ignored,
  template: readerTemplate(template.reader),
});
