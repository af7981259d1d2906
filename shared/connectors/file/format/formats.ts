import { csvRules } from "./csv.js";
import type { FileFormat } from "./format.js";
import { jsonRules } from "./jsonl.js";
import type { FormatName } from "./names.js";
import { textRules } from "./text.js";
import { textFormat } from "./text-files.js";

const formats: Readonly<Record<FormatName, FileFormat>> = {
  csv: textFormat(csvRules),
  text: textFormat(textRules),
  jsonl: textFormat(jsonRules),
};

/** The format of that name. */
export function formatOf(name: FormatName): FileFormat {
  return formats[name];
}
