import { expect, it } from "vitest";
import { slice } from "../../../../../infra/local/oss/contents.js";
import { afterPrefix } from "../../../../../infra/local/oss/keys.js";

const segments = [
  { content: "a", offset: 5, length: 10 },
  { content: "b", offset: 0, length: 20 },
  { content: "c", offset: 7, length: 1 },
];

it("cuts a list of segments at both ends", () => {
  expect(slice(segments, 0, 31)).toEqual(segments);
  expect(slice(segments, 9, 12)).toEqual([
    { content: "a", offset: 14, length: 1 },
    { content: "b", offset: 0, length: 2 },
  ]);
  expect(slice(segments, 30, 31)).toEqual([{ content: "c", offset: 7, length: 1 }]);
  expect(slice(segments, 10, 10)).toEqual([]);
  expect(slice([], 0, 0)).toEqual([]);
});

it("finds the first bytes behind a prefix", () => {
  expect(afterPrefix(Buffer.from("a/"))).toEqual(Buffer.from("a0"));
  expect(afterPrefix(Buffer.from([0x20, 6, 0xff, 0xff]))).toEqual(Buffer.from([0x20, 7]));
  expect(() => afterPrefix(Buffer.from([0xff]))).toThrow(RangeError);
});
