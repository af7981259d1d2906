import { mayBeUnclear, unclearCell } from "../plain-line.js";
import { delimitedLine, delimitedReadFormat, delimitedWriteFormat, separatorsOf } from "./delimited.js";
import type { TextRules } from "./text-files.js";

/** Text: lines cut at a delimiter, without quotes or escapes; what would be read as something else is not written. */
export const textRules: TextRules = {
  readFormat: (params) => delimitedReadFormat(params, { quote: () => null, checkLineEnd: () => undefined }),
  writeFormat(params, records) {
    const quotes = false;
    const separators = separatorsOf(params, { quotes });
    const refuses = {
      cell: (cell: string) => unclearCell(cell, separators),
      any: (data: Buffer) => mayBeUnclear(data, separators),
    };
    const line = delimitedLine(separators, { written: (cell) => cell, blank: "" });
    return delimitedWriteFormat(params, records, { ...separators, quotes, refuses, line });
  },
};
