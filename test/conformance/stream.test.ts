import { expect, test } from "vitest";
import { stream } from "../../shared/connectors/stream/index.js";
import type { Cell } from "../../shared/model/batch.js";
import { batchesOf, planned, sideOf } from "./drive.js";
import { conformance } from "./suite.js";

const invented = "the reader invents its records, so a table cannot be put before it";

conformance(stream, async () => ({ source: {}, close: async () => undefined }), {
  modes: [], // what is printed is not read back as records; the unit tests look at it
  unsupported: {
    secrets: "a stream connects to nothing",
    ...{ splits: invented, resume: invented, abort: invented, largestLong: invented, decimal38: invented },
    ...{
      emptyString: invented,
      bytes: invented,
      emoji: invented,
      oldDates: invented,
      microseconds: invented,
      zeroByte: invented,
    },
  },
});

if (!stream.reader) throw new Error("stream reads");
const reader = stream.reader;
const parameter = { sliceRecordCount: 700, column: [{ type: "string", random: "2000,2000" }] };

test("splits are disjoint: each makes records of its own", async () => {
  const side = sideOf(stream, reader.params, {}, parameter);
  const cells: Cell[] = [];
  for (const split of await planned(reader, side, 4)) {
    for (const batch of await batchesOf(reader, side, split)) cells.push(...batch.rows.flat());
  }
  expect(new Set(cells).size).toBe(4 * 700);
});

test("resuming from any checkpoint loses nothing and repeats nothing", async () => {
  const side = sideOf(stream, reader.params, {}, parameter);
  const [split] = await planned(reader, side, 1);
  const whole = await batchesOf(reader, side, split!);
  expect(whole.length).toBeGreaterThan(2);
  for (const [index, batch] of whole.entries()) {
    const after = await batchesOf(reader, side, split!, JSON.parse(JSON.stringify(batch.checkpoint)));
    expect([...whole.slice(0, index + 1), ...after].flatMap((one) => one.rows)).toEqual(
      whole.flatMap((one) => one.rows),
    );
  }
});
