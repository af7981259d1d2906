import { expect, it } from "vitest";
import { checkConditions } from "../../../../../infra/local/oss/conditions.js";

const state = { eTag: "ABC", modified: Date.UTC(2026, 0, 1) };
const same = new Date(state.modified).toUTCString();
const earlier = new Date(state.modified - 1000).toUTCString();
const outcome = (headers: Record<string, string>, prefix?: string) => {
  try {
    checkConditions(headers, state, prefix);
    return 200;
  } catch (error) {
    return (error as { status: number }).status;
  }
};

it.each([
  [{}, 200],
  [{ "if-match": '"ABC"' }, 200],
  [{ "if-match": "abc" }, 200],
  [{ "if-match": "*" }, 200],
  [{ "if-match": '"X", "ABC"' }, 200],
  [{ "if-match": '"X"' }, 412],
  [{ "if-none-match": '"ABC"' }, 304],
  [{ "if-none-match": '"X"' }, 200],
  [{ "if-modified-since": same }, 304],
  [{ "if-modified-since": earlier }, 200],
  [{ "if-modified-since": "whenever" }, 200],
  [{ "if-unmodified-since": same }, 200],
  [{ "if-unmodified-since": earlier }, 412],
  [{ "if-match": '"X"', "if-none-match": '"ABC"' }, 412],
])("with %j the status is %i", (headers, status) => {
  expect(outcome(headers)).toBe(status);
});

it("looks at the copy source's own headers when asked to", () => {
  expect(outcome({ "if-match": '"X"' }, "x-oss-copy-source-")).toBe(200);
  expect(outcome({ "x-oss-copy-source-if-match": '"X"' }, "x-oss-copy-source-")).toBe(412);
});
