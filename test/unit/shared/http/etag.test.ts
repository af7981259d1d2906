import { describe, expect, it } from "vitest";
import { checkIfMatch, etag, expectedVersion } from "../../../../shared/http/etag.js";
import type { HttpRequest } from "../../../../shared/http/request.js";

const request = (ifMatch?: string): HttpRequest => ({
  method: "PUT",
  segments: [],
  query: {},
  headers: ifMatch === undefined ? {} : { "if-match": ifMatch },
  body: "",
  clientAddress: "192.0.2.7",
  requestId: "q",
});

describe("If-Match", () => {
  it("takes the ETag of an answer", () => {
    expect(expectedVersion(request(etag(7).etag))).toBe(7);
    expect(() => checkIfMatch(request(etag(7).etag), 7)).not.toThrow();
  });

  it("refuses a change of another version with PRECONDITION_FAILED", () => {
    expect(() => checkIfMatch(request('"7"'), 8)).toThrow(expect.objectContaining({ code: "PRECONDITION_FAILED" }));
  });

  it("lets any version pass when it is absent or a star", () => {
    expect(() => checkIfMatch(request(), 3)).not.toThrow();
    expect(() => checkIfMatch(request("*"), 3)).not.toThrow();
  });

  it("refuses to create what it expects to exist", () => {
    expect(() => checkIfMatch(request("*"), 0)).toThrow("there is no such object");
    expect(() => checkIfMatch(request('"1"'), 0)).toThrow("there is no such object");
    expect(() => checkIfMatch(request(), 0)).not.toThrow();
  });

  it.each(["abc", '"0"', 'W/"1"', '"1", "2"', ""])("refuses the malformed %j", (header) => {
    expect(() => expectedVersion(request(header))).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
