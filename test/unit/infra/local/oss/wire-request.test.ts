import { expect, it } from "vitest";
import { headerText, parseOssQuery, readingsOf } from "../../../../../infra/local/oss/wire-request.js";

it("reads a query with bare names, empty values, blanks and repeats", () => {
  expect(parseOssQuery("acl&a=&b=1%2B+2&b=&%C3%BC=x")).toEqual([
    { name: "acl", value: "", bare: true },
    { name: "a", value: "", bare: false },
    { name: "b", value: "1+ 2", bare: false },
    { name: "b", value: "", bare: false },
    { name: "ü", value: "x", bare: false },
  ]);
  expect(() => parseOssQuery("a=%zz")).toThrow(expect.objectContaining({ code: "InvalidURI" }));
});

it.each([
  ["localhost:9000", "/", [{ bucket: null, key: null }]],
  ["localhost:9000", "/b", [{ bucket: "b", key: null }]],
  ["localhost:9000", "/b/", [{ bucket: "b", key: null }]],
  ["127.0.0.1:9000", "/b/k/%E4%B8%AD+", [{ bucket: "b", key: "k/中+" }]],
  ["[::1]:9000", "/b/k", [{ bucket: "b", key: "k" }]],
  [undefined, "/b//k", [{ bucket: "b", key: "/k" }]],
  ["undefined.oss-cn-hangzhou.aliyuncs.com", "/", [{ bucket: null, key: null }]],
  [".oss-cn-hangzhou.aliyuncs.com", "/", [{ bucket: null, key: null }]],
  [
    "b.oss-cn-hangzhou.aliyuncs.com",
    "/b/k",
    [
      { bucket: "b", key: "b/k" },
      { bucket: "b", key: "k" },
    ],
  ],
])("reads host %s and path %s", (host, path, readings) => {
  expect(readingsOf(host, path)).toEqual(readings);
});

it("turns header bytes into UTF-8 where they are UTF-8", () => {
  expect(headerText(Buffer.from("中").toString("latin1"))).toBe("中");
  expect(headerText("caf\u00e9")).toBe("caf\u00e9");
});
