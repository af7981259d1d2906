import { expect, test } from "vitest";
import { parseLedgerEntry, printLedgerEntry } from "../../../../../../shared/connectors/sql/write/ledger.js";

test("an entry survives its way through the ledger's text", () => {
  const counters = { read: 10, written: 8, dirty: 2, bytes: 99 };
  const entry = { progress: { checkpoint: ["7", "x"], counters, staged: { part: 1 } }, isComplete: true };
  expect(parseLedgerEntry(printLedgerEntry(entry))).toEqual(entry);
});

test("a split that committed nothing has no entry", () => {
  expect(parseLedgerEntry(null)).toBeNull();
});
