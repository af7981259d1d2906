import type { Column } from "../../shared/model/batch.js";
import type { Sample } from "./type-oracle.js";

/** A column of a source with the values that are tried. */
export interface Source {
  /** Heading in the document. */
  readonly title: string;
  readonly column: Column;
  readonly samples: readonly Sample[];
  /** The declaration of a MySQL column that holds these values and is read by our reader; null = they come as typed records. */
  readonly declaration: string | null;
}

function source(
  title: string,
  type: Sample["type"],
  values: readonly (string | Buffer)[],
  declaration: string | null = null,
): Source {
  const isBit = type === "bit";
  const column: Column = { name: title, type: isBit ? "bytes" : type, ...(isBit ? { nativeType: "bit(8)" } : {}) };
  return { title, column, samples: values.map((value) => ({ type, value })), declaration };
}

const hex = (...values: readonly string[]) => values.map((value) => Buffer.from(value, "hex"));

const days = [
  "2024-05-06",
  "1970-01-01",
  "1969-12-31",
  "2038-01-20",
  "1000-01-01",
  "9999-12-31",
  "2024-02-29",
  "2000-01-01",
];
const moments = [
  ...[
    "2024-05-06 01:02:03",
    "2024-05-06 00:00:00",
    "1970-01-01 08:00:00",
    "1970-01-01 08:00:01",
    "2038-01-19 11:14:07",
  ],
  ...["2038-01-19 11:14:08", "9999-12-31 23:59:59", "1000-01-01 00:00:00", "0000-00-00 00:00:00"],
];

/** Every type of the table, as typed records bring it (files, streams, Tablestore), and as MySQL columns bring it. */
export const sources: readonly Source[] = [
  source("long", "long", [
    ...["0", "1", "-1", "2", "5", "70", "127", "255", "2024", "20240102", "1714924800000", "9223372036854775807"],
  ]),
  source("double", "double", [
    ...[
      "0",
      "1",
      "1.5",
      "-1.5",
      "2.25",
      "1.005",
      "99999999.99",
      "1e3",
      "1e-3",
      "123456789012345678.5",
      "NaN",
      "Infinity",
    ],
  ]),
  source("string: numbers", "string", [
    ...["1", "0", "-5", " 5 ", "5abc", "0x41", "1e3", "1.9", "+7", ".5", "", "NaN", "1,5", "256", "70", "2024"],
  ]),
  source("string: dates", "string", [
    ...["2024-05-06", "2024-05-06 01:02:03", "2024-05-06 00:00:00", "2024-05-06 01:02:03.5", "12:30", "12:30:00"],
    ...[
      "2024-1-2",
      "20240102",
      "2024-02-31",
      "0000-00-00",
      "2024-05-06T01:02:03Z",
      "2022-10-11T21:29:57.000+08:00",
      "25:00:00",
      "-01:00:00",
      "24-05-06",
    ],
  ]),
  source("string: words", "string", [
    ...["true", "FALSE", "yes", "a", "A", "b,a", "a,c", "3", "é", '{"k": 1}', "[1,2", "abc", "null"],
  ]),
  source("date: days", "date", [...days, "0000-00-00", "2024-00-00", "2024-05-00"]),
  source("date: moments", "date", [
    ...moments,
    "2024-05-06 01:02:03.5",
    "2024-05-06 01:02:03.123456",
    "2024-05-06 00:00:00.000",
  ]),
  source("date: times", "date", [
    "12:30:00",
    "00:00:00",
    "23:59:59",
    "23:59:59.5",
    "08:00:00",
    "25:00:00",
    "-01:00:00",
    "838:59:59",
  ]),
  source("bool", "bool", ["true", "false"]),
  source(
    "bytes",
    "bytes",
    hex("", "31", "41", "00", "01", "ff", "c3a9", "74727565", "323032342d30352d3036", "7b7d", "e4b8", "0102"),
  ),
  source(
    "MySQL BIGINT",
    "long",
    ["0", "1", "-1", "2", "70", "255", "2024", "1714924800000", "9223372036854775807"],
    "BIGINT",
  ),
  source("MySQL DECIMAL", "double", ["0.0000", "1.5000", "-1.5000", "1.0050", "99999999.9900"], "DECIMAL(20,4)"),
  source(
    "MySQL VARCHAR",
    "string",
    ["1", "5abc", " 5 ", "0x41", "true", "a", "b,a", "2024-05-06", "12:30:00", "20240102", ""],
    "VARCHAR(60)",
  ),
  source("MySQL DATE", "date", ["2024-05-06", "1970-01-02", "0000-00-00"], "DATE"),
  source("MySQL DATETIME", "date", ["2024-05-06 01:02:03", "2024-05-06 00:00:00", "0000-00-00 00:00:00"], "DATETIME"),
  source("MySQL TIME", "date", ["12:30:00", "-01:00:00", "25:00:00", "00:00:00"], "TIME"),
  source("MySQL YEAR", "long", ["2024", "1901", "0000"], "YEAR"),
  source("MySQL BIT(1)", "bool", ["true", "false"], "BIT(1)"),
  source("MySQL BIT(8)", "bit", hex("00", "01", "05", "31", "41", "ff"), "BIT(8)"),
  source("MySQL ENUM", "string", ["1", "a", "A", "3", "x"], "ENUM('1','a','A','3','x') COLLATE utf8mb4_bin"),
  source("MySQL VARBINARY", "bytes", hex("", "31", "00", "c3a9", "ff", "0102"), "VARBINARY(40)"),
];
