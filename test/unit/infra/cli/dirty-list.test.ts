import { expect, it } from "vitest";
import { dirtyLines } from "../../../../infra/cli/dirty-list.js";
import type { KeptDirtyRecord } from "../../../../shared/model/dirty-record.js";

const record: KeptDirtyRecord = {
  run: "r1",
  split: 3,
  side: "reader",
  reason: "CONVERSION",
  column: "c1",
  message: '"19,99" is not a number',
  key: "orders.csv:7",
  cells: ["7", "19,99", 'say "so"', null, { base64: "AA==" }],
};

it("dirty records are listed with place and reason, and so that each cell can be told from its neighbours", () => {
  const [, line] = dirtyLines([record]);
  expect(line).toContain("orders.csv:7");
  expect(line).toContain("CONVERSION in c1");
  expect(line).toContain('7,"19,99","say ""so""",NULL,base64:AA==');
  expect(dirtyLines([{ ...record, key: null, column: null }])[1]).toMatch(/^split 3 .* CONVERSION {2}/);
});
