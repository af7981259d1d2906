import { UserError } from "../../../model/errors.js";
import type { LineMaker } from "../write-format.js";
import {
  delimitedLine,
  delimitedReadFormat,
  delimitedWriteFormat,
  type Separators,
  separatorsOf,
} from "./delimited.js";
import type { TextRules } from "./text-files.js";

/** CSV: cells may stand between quotes, and may hold anything then. */
export const csvRules: TextRules = {
  readFormat: (params) =>
    delimitedReadFormat(params, {
      quote: ({ csvReaderConfig }) =>
        (csvReaderConfig?.useTextQualifier ?? true) ? (csvReaderConfig?.textQualifier ?? 34) : null,
      checkLineEnd,
    }),
  writeFormat(params, records) {
    const quotes = true;
    const separators = separatorsOf(params, { quotes });
    return delimitedWriteFormat(params, records, { ...separators, quotes, refuses: null, line: csvLine(separators) });
  },
};

function checkLineEnd(text: string): void {
  if (text === "\n" || text === "\r") return;
  const message = `lineDelimiter ${JSON.stringify(text)}: csv lines end with a line feed or a carriage return; use fileFormat text`;
  throw new UserError("CONFIG_INVALID", message, { path: "lineDelimiter" });
}

function csvLine(separators: Separators): LineMaker {
  const { delimiter, lineEnd } = separators;
  const firsts = [delimiter, lineEnd].map((text) => text.slice(0, 1).replace(/[\\^$.*+?()[\]{}|]/, "\\$&"));
  const special = new RegExp(`["\\r\\n]|^[ \\t]|[ \\t]$|${firsts.join("|")}`);
  return delimitedLine(separators, {
    written: (text) => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text),
    // Readers take a blank line for no record.
    blank: '""',
  });
}
