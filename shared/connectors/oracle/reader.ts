import type { Reader } from "../contract.js";
import { idle } from "../params/fields.js";
import type { SqlReadParams } from "../sql/read/read-params.js";
import { sqlReader } from "../sql/read/reader.js";
import { readerTemplate } from "../sql/template.js";
import type { OracleSource } from "./source.js";
import { oracleSystem } from "./system.js";
import template from "./template.json" with { type: "json" };

/** What published jobs and editors write beside them. */
const ignored = {
  encoding: idle("the server converts text to UTF-8"),
  socketTimeout: idle("a connection that says nothing for long is given up anyway"),
  splitMode: idle("keys are cut by a sample of the table's blocks"),
  samplePercentage: idle("as many blocks are sampled as the number of ranges takes"),
  hint: idle("splits are read side by side already"),
  useReadOnly: idle("the address of the data source decides"),
  useSpecialSecret: idle("each data source has its own account"),
  singleOrMulti: idle(),
  envType: idle(),
};

/** Reads tables in ranges of a key, or of the places of their rows. */
export const oracleReader: Reader<OracleSource, SqlReadParams> = sqlReader(oracleSystem, {
  ignored,
  template: readerTemplate(template.reader),
});
