import type { Column } from "../../../model/batch.js";
import { UserError } from "../../../model/errors.js";
import { keysOfLine } from "../json-record.js";
import type { ReadFormat } from "../read-format.js";
import { type FileReadParams, foreignEncoding, isGzip } from "../read-shape.js";
import type { LineMaker, WriteFormat } from "../write-format.js";
import type { FileWriteParams } from "../write-shape.js";
import { refuseUnwritable, writtenEncoding } from "./delimited.js";
import type { WrittenRecords } from "./format.js";
import type { TextRules } from "./text-files.js";

/** JSON lines: an object (cells by name or path) or a list (cells by place) a line; numbers keep their digits. */
export const jsonRules: TextRules = { readFormat, writeFormat };

function readFormat(params: FileReadParams): ReadFormat {
  return {
    keysOf: keysOfLine,
    // Within a line JSON says itself where a value ends.
    ...{ delimiter: Buffer.from(","), quote: null, escape: "double", comment: null, trim: false },
    terminator: Buffer.from("\n"),
    loneReturns: "text",
    skipEmpty: true,
    skipHeader: params.skipHeader,
    nullText: params.nullFormat ?? null,
    encoding: foreignEncoding(params.encoding ?? "UTF-8"),
    gzip: isGzip(params.compress),
    base64: true,
    safeSplit: params.csvReaderConfig?.safeSplit ?? false,
  };
}

function writeFormat(params: FileWriteParams, { columns, timeZone }: WrittenRecords): WriteFormat {
  refuseTwice(columns);
  const encoding = writtenEncoding(params);
  const [delimiter, nullText] = [params.fieldDelimiter ?? ",", params.nullFormat ?? ""];
  refuseUnwritable({ fieldDelimiter: [delimiter], nullFormat: [nullText] }, encoding);
  return {
    line: jsonLine(columns),
    ...{ isDelimited: false, quotes: false, refuses: null, header: null, base64: true },
    ...{ delimiter, nullText, encoding, timeZone, lineEnd: "\n" },
    dateFormat: params.dateFormat ?? null,
    gzip: isGzip(params.compress),
  };
}

/** Whoever reads an object with a key twice gets one of the two values. */
function refuseTwice(columns: readonly Column[]): void {
  const names = columns.map(({ name }) => name);
  const at = names.findIndex((name, i) => names.indexOf(name) < i);
  if (at < 0) return;
  const message = `columns ${names.indexOf(names[at] ?? "") + 1} and ${at + 1} of the reader are both named "${names[at]}", and a JSON object has each key once`;
  throw new UserError("CONFIG_INVALID", message, {
    path: "fileFormat",
    hint: "Give the reader's columns different names: an alias in SQL (a AS b), a name in a file's column entry.",
  });
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function jsonLine(columns: readonly Column[]): LineMaker {
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  const isBare = columns.map(({ type }) => type === "long" || type === "double");
  const isFlag = columns.map(({ type }) => type === "bool");
  return (texts) => {
    const members = texts.map((text, i) => {
      if (text === null) return `${keys[i]}null`;
      const asIs = (isBare[i] && JSON_NUMBER.test(text)) || (isFlag[i] && (text === "true" || text === "false"));
      return `${keys[i]}${asIs ? text : JSON.stringify(text)}`;
    });
    return `{${members.join(",")}}\n`;
  };
}
