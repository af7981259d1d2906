import { describe, expect, test } from "vitest";
import { httpAnswer } from "../../../../../infra/local/fc/http-event.js";

const answer = (value: unknown) => httpAnswer(Buffer.from(JSON.stringify(value)));

describe("what a function returned, as an HTTP answer", () => {
  test("keeps status, headers and body of a response object", () => {
    const { status, headers, body } = answer({
      statusCode: "418",
      headers: { "Set-Cookie": ["a", "b"], N: 1, Date: "x" },
      body: { a: 1 },
    });
    expect([status, headers, body.toString()]).toEqual([418, { "Set-Cookie": ["a", "b"], N: "1" }, '{"a":1}']);
    expect(answer({ statusCode: 204 }).body).toHaveLength(0);
    expect(answer({ statusCode: 200, isBase64Encoded: true, body: "AP8=" }).body).toEqual(Buffer.from([0, 255]));
  });

  test("is the body of a 200 in JSON when it is no response object", () => {
    for (const text of ["plain", "[1]", '{"a":1}', "{broken", ""]) {
      const { status, headers, body } = httpAnswer(Buffer.from(text));
      expect([status, headers["content-type"], body.toString()]).toEqual([200, "application/json", text]);
    }
  });

  test("is refused with a status or headers that cannot be sent", () => {
    expect(() => answer({ statusCode: 99 })).toThrow(expect.objectContaining({ status: 502, code: "BadResponse" }));
    expect(() => answer({ statusCode: 200, headers: { a: "x".repeat(9000) } })).toThrow("8 KB");
  });
});
