import type { Reader } from "../contract.js";
import { idle } from "../params/fields.js";
import type { SqlReadParams } from "../sql/read/read-params.js";
import { sqlReader } from "../sql/read/reader.js";
import { readerTemplate } from "../sql/template.js";
import type { SqlserverSource } from "./source.js";
import { sqlserverSystem } from "./system.js";
import template from "./template.json" with { type: "json" };

/** What published jobs and editors write beside them. */
const ignored = {
  encoding: idle("the server converts text to Unicode"),
  socketTimeout: idle("a connection that says nothing for long is given up anyway"),
  fetchSize: idle("rows are streamed"),
  useReadOnly: idle("the address of the data source decides"),
  singleOrMulti: idle(),
  envType: idle(),
};

/** Dates are what they are: none of them is shown on a session's clock. */
const { zones: _, ...plain } = sqlserverSystem;

/** Reads tables in ranges of a key, each with one streaming statement. */
export const sqlserverReader: Reader<SqlserverSource, SqlReadParams> = sqlReader(plain, {
  ignored,
  template: readerTemplate(template.reader),
});
