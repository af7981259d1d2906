import { expect, test } from "vitest";
import { zoneWarnings } from "../../../../shared/jobs/zone-warnings.js";
import type { Column } from "../../../../shared/model/batch.js";
import { parseJob } from "../../../../shared/script/read/parse-job.js";

const content = [
  { reader: { name: "ossreader", parameter: {} }, writer: { name: "mysqlwriter", parameter: { column: ["*"] } } },
];
const script = { job: { setting: { speed: { channel: 1 } }, content } };
const keys = { reader: ["column"], writer: ["column"] };
const placed = { ...parseJob(JSON.stringify(script, null, 1), { mode: "preview" }), keys };

const zones = (reader: string, writer: string) => ({
  reader: { zone: reader, from: "the job" },
  writer: { zone: writer, from: "the server" },
});
const moment: Column = { name: "ts", type: "date", nativeType: "timestamp(3)", isMoment: true };
const warningsOf = (from: Column, to: Column, reader = "+08:00", writer = "America/New_York") =>
  zoneWarnings([from], [to], { zones: zones(reader, writer), placed });

test("Dates without an offset that become moments in another zone are told with both zones and the way out.", () => {
  const [warning, ...others] = warningsOf({ name: "at", type: "date" }, moment);
  expect(others).toEqual([]);
  expect(warning).toMatchObject({ path: "job.content[0].writer.parameter.column", line: expect.any(Number) });
  expect(warning?.message).toBe(
    "dates without an offset become moments by the clock of the reader, +08:00 (at into ts); the writer is in America/New_York; if another zone is meant, name it in setting.common.column.timeZone or as timeZone of the data source",
  );
});

test("Texts count by the clock of the writer, which is told; two kinds make two warnings.", () => {
  const columns: Column[] = [
    { name: "a", type: "string" },
    { name: "b", type: "date", nativeType: "datetime" },
    { name: "c", type: "string" },
  ];
  const found = zoneWarnings(columns, [moment, moment, moment], { zones: zones("+08:00", "+00:00"), placed });
  expect(found.map(({ message }) => message.split(";")[0])).toEqual([
    "dates without an offset become moments by the clock of the reader, +08:00 (b into ts)",
    "texts become moments by the clock of the writer, +00:00 (a into ts, c into ts)",
  ]);
});

test.each<[string, Column, Column, string, string]>([
  ["sides in one zone", { name: "at", type: "date" }, moment, "+08:00", "+08:00"],
  ["a moment that stays one", { ...moment, name: "from" }, moment, "+08:00", "+00:00"],
  ["a date that stays as it is", { name: "at", type: "date" }, { name: "dt", type: "date" }, "+08:00", "+00:00"],
  ["a number", { name: "n", type: "long" }, moment, "+08:00", "+00:00"],
  ["text of digits for an INT", { name: "n", type: "string" }, { ...moment, type: "long" }, "+08:00", "+00:00"],
])("Nothing is told of %s.", (_, from, to, reader, writer) => {
  expect(warningsOf(from, to, reader, writer)).toEqual([]);
});

test("Nothing is told where the target's columns are not known.", () => {
  expect(zoneWarnings([moment], null, { zones: zones("+08:00", "+00:00"), placed })).toEqual([]);
});
