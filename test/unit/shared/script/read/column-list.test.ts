import { expect, it } from "vitest";
import { parseJob } from "../../../../../shared/script/read/parse-job.js";

function columnsOf(reader: object, writer: object): unknown[] {
  const side = (parameter: object) => ({ plugin: "mysql", parameter });
  const setting = { errorLimit: { record: "0" }, speed: { concurrent: "1" } };
  const text = JSON.stringify({
    type: "job",
    version: "1.0",
    configuration: { reader: side(reader), writer: side(writer), setting },
  });
  const { job } = parseJob(text);
  return [job.reader.parameter.column ?? job.reader.parameter.Column, job.writer.parameter.column];
}

it("columns of a 1.0 job may be one text with commas, on both sides", () => {
  expect(columnsOf({ Column: "id, concat(a, 'x,y'), `od,d`," }, { column: "id,name , weight" })).toEqual([
    ["id", "concat(a, 'x,y')", "`od,d`"],
    ["id", "name", "weight"],
  ]);
  expect(columnsOf({ column: "*" }, { column: ["a,b"] })).toEqual(["*", ["a,b"]]);
});
