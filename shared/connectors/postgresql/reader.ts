import { z } from "zod";
import type { Reader } from "../contract.js";
import { idle } from "../params/fields.js";
import { param } from "../params/note.js";
import type { SqlReadParams } from "../sql/read/read-params.js";
import { sqlReader } from "../sql/read/reader.js";
import { readerTemplate } from "../sql/template.js";
import type { PostgresqlSource } from "./source.js";
import { postgresqlSystem } from "./system.js";
import template from "./template.json" with { type: "json" };

/** Reading the whole table in its place would be silent. */
const refused = z
  .unknown()
  .refine((value) => value == null || value === "", "not supported: name the partition as the table, or use a where")
  .transform(() => undefined)
  .optional();

/** What published jobs and editors write beside them. */
const ignored = {
  encoding: idle("the server converts text to UTF-8"),
  socketTimeout: idle("a connection that says nothing for long is given up anyway"),
  fetchSize: idle("rows are streamed"),
  useReadOnly: idle("the address of the data source decides"),
  partition: param(refused, { help: "Refused: a table is read with all its partitions.", type: "text", hidden: true }),
  singleOrMulti: idle(),
  envType: idle(),
};

/** Reads tables in ranges of a key, or of the pages that its rows lie on, each with one COPY. */
export const postgresqlReader: Reader<PostgresqlSource, SqlReadParams> = sqlReader(postgresqlSystem, {
  ignored,
  template: readerTemplate(template.reader),
});
