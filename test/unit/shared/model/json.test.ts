import { expect, it } from "vitest";
import { isJsonObject } from "../../../../shared/model/json.js";

it("tells objects from null, lists, bytes and scalars", () => {
  expect(isJsonObject({})).toBe(true);
  for (const other of [null, [], Buffer.alloc(1), "x", 1, undefined]) expect(isJsonObject(other)).toBe(false);
});
