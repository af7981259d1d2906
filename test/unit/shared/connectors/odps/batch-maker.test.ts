import { expect, it } from "vitest";
import { batchMaker } from "../../../../../shared/connectors/odps/batch-maker.js";
import type { OdpsOutput } from "../../../../../shared/connectors/odps/read-columns.js";
import type { OdpsReadSpec } from "../../../../../shared/connectors/odps/split.js";
import { openRecordReader } from "../../../../../shared/connectors/odps/wire/record-reader.js";
import type { WireValue } from "../../../../../shared/connectors/odps/wire/values.js";
import { streamOf } from "../../../../servers/maxcompute-client.js";

const types = {
  ...{
    a: "bigint",
    b: "string",
    c: "decimal(38,18)",
    d: "timestamp",
    e: "boolean",
    f: "float",
    g: "double",
    h: "date",
  },
  ...{ i: "datetime", j: "array<struct<x:bigint,y:date>>", k: "interval_day_time", l: "map<int,string>" },
};
const columns = Object.entries(types).map(([name, type]) => ({ name, type }));
const spec = (partition: OdpsReadSpec["partition"] = []): OdpsReadSpec => {
  return { session: "s", instance: null, partition, start: 0, count: 1, columns };
};
const output = (name: string): OdpsOutput => ({ column: { name, type: "string" }, origin: { kind: "column", name } });
const setting = { zone: () => 8 * 3_600_000, emptyAsNull: false };

function rowsOf(outputs: readonly OdpsOutput[], values: readonly WireValue[], more = {}) {
  const maker = batchMaker(spec([["pt", "7"]]), outputs, { ...setting, ...more });
  const asked = maker.asked ?? columns.map(({ name }) => name);
  const places = asked.map((name) => columns.findIndex((column) => column.name === name));
  const reader = openRecordReader(maker.handler);
  reader.feed(
    streamOf(
      places.map((at) => columns[at]!.type),
      [places.map((at) => values[at] ?? null)],
    ),
  );
  reader.end();
  const batch = maker.take(1);
  return { rows: batch?.rows, dirty: batch?.dirty };
}

const full: readonly WireValue[] = [
  ...[
    -12345678901234567n,
    Buffer.from("é"),
    Buffer.from("1.50"),
    { seconds: -1n, nanos: 500_000_000 },
    true,
    Math.fround(0.1),
    -0,
  ],
  ...[-719162n, -1n, [[1n, 0n], null], { seconds: 86_402n, nanos: 3 }, { keys: [1n], values: [Buffer.from("v")] }],
];

it("tells values as canonical text, whatever their type", () => {
  const { rows } = rowsOf(
    columns.map(({ name }) => output(name)),
    full,
  );
  expect(rows).toEqual([
    [
      ...["-12345678901234567", "é", "1.50", "1970-01-01 07:59:59.5", "true", "0.1", "-0", "0001-01-01"],
      ...["1970-01-01 07:59:59.999", '[{"x":1,"y":"1970-01-01"},null]', "86402.000000003", '{"1":"v"}'],
    ],
  ]);
});

it("asks for the columns that are wanted, each once, and puts them where the job has them", () => {
  const constant: OdpsOutput = { column: { name: "c2", type: "string" }, origin: { kind: "constant", value: "x" } };
  const key: OdpsOutput = { column: { name: "pt", type: "string" }, origin: { kind: "key", name: "pt" } };
  const outputs = [output("b"), constant, output("a"), key, output("b")];
  expect(batchMaker(spec(), outputs, setting).asked).toEqual(["a", "b"]);
  expect(rowsOf(outputs, full).rows).toEqual([["é", "x", "-12345678901234567", "7", "é"]]);
});

it("asks for a column when none is wanted, since a record needs one", () => {
  const key: OdpsOutput = { column: { name: "pt", type: "string" }, origin: { kind: "key", name: "pt" } };
  expect(batchMaker(spec(), [key], setting).asked).toEqual(["a"]);
  expect(rowsOf([key], full).rows).toEqual([["7"]]);
});

it("makes a record dirty of which a value has no text", () => {
  const odd = full.with(2, Buffer.from("nan")).with(7, -800_000n);
  for (const name of ["c", "h"]) {
    const { rows, dirty } = rowsOf([output("b"), output(name)], odd);
    expect(rows).toEqual([]);
    expect(dirty).toMatchObject([{ side: "reader", reason: "CONVERSION", column: name }]);
  }
});

it("reads empty text as null when the job says so", () => {
  expect(rowsOf([output("b")], full.with(1, Buffer.from("")), { emptyAsNull: true }).rows).toEqual([[null]]);
  expect(rowsOf([output("b")], full.with(1, Buffer.from(""))).rows).toEqual([[""]]);
});
