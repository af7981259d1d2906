import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decodeHttpEvent, jsonBody } from "../../../../shared/http/request.js";
import { json, problem } from "../../../../shared/http/response.js";
import { findRoute, parseBody, type Route } from "../../../../shared/http/router.js";
import { TransientError, UserError } from "../../../../shared/model/errors.js";

const event = (change: object = {}) =>
  Buffer.from(
    JSON.stringify({
      version: "v1",
      rawPath: "/v1/things/a%2Fb",
      headers: { "X-One": "1" },
      queryParameters: { limit: "5" },
      body: '{"n":1}',
      isBase64Encoded: false,
      requestContext: { http: { method: "post", sourceIp: "192.0.2.7" } },
      ...change,
    }),
  );

describe("an HTTP event", () => {
  it("becomes a request with decoded segments and lower-case headers", () => {
    expect(decodeHttpEvent(event(), "id")).toEqual({
      method: "POST",
      segments: ["v1", "things", "a/b"],
      query: { limit: "5" },
      headers: { "x-one": "1" },
      body: '{"n":1}',
      clientAddress: "192.0.2.7",
      requestId: "id",
    });
  });

  it("may carry its body as base64", () => {
    expect(
      decodeHttpEvent(event({ body: Buffer.from("ä").toString("base64"), isBase64Encoded: true }), "id").body,
    ).toBe("ä");
  });

  it("is refused when it is too large, badly escaped, too deep, or no event at all", () => {
    const deep = decodeHttpEvent(event({ body: `${"[".repeat(50_000)}${"]".repeat(50_000)}` }), "id");
    expect(() => jsonBody(deep)).toThrow("nested more than 100 deep");
    expect(() => decodeHttpEvent(event({ rawPath: `/${"a".repeat(2001)}` }), "id")).toThrow("a segment of more than");
    const long = "s3cret".repeat(2000);
    for (const name of ["Authorization", "If-Match", "Idempotency-Key", "X-Sluice-Workspace"])
      expect(() => decodeHttpEvent(event({ headers: { [name]: long } }), "id")).toThrow(
        `header ${name.toLowerCase()}: a value of 12000 characters`,
      );
    expect(() => decodeHttpEvent(event({ queryParameters: { search: long } }), "id")).toThrow(
      "query parameter search: a value of 12000 characters",
    );
    expect(() => decodeHttpEvent(event({ headers: { [long]: "" } }), "id")).toThrow("a name of 12000 characters");
    expect(() => decodeHttpEvent(event({ body: "x".repeat(5_000_000) }), "id")).toThrow("more than");
    expect(() => decodeHttpEvent(event({ rawPath: "/%E0%A4%A" }), "id")).toThrow("percent-encoded");
    expect(() => decodeHttpEvent(Buffer.from("nonsense"), "id")).toThrow("not JSON");
  });
});

describe("a body that is no JSON", () => {
  const refusal = (change: object) => {
    try {
      jsonBody(decodeHttpEvent(event(change), "id"));
    } catch (error) {
      return error;
    }
    return null;
  };

  it("is refused by its place, and not quoted: it may hold a password", () => {
    for (const body of ['{"password":hunter2}', '{\n  "password": "hunter2', '{"password":"hunter2"} x', "hunter2"]) {
      const error = refusal({ body });
      expect(error).toMatchObject({ code: "CONFIG_INVALID", path: "body" });
      expect(String(error)).not.toContain("hunter2".slice(0, 4));
    }
    expect(refusal({ body: '{\n "n": 1,\n "p": oops}' })).toMatchObject({
      message: "body: not JSON: line 3, column 7",
    });
    expect(refusal({ body: "[".repeat(200_000) })).toMatchObject({ path: "body" });
  });

  it("is told when it is compressed, or not UTF-8: what is stored would differ from what was sent", () => {
    const latin1 = Buffer.from('{"password":"m\xfcde"}', "latin1").toString("base64");
    expect(refusal({ body: latin1, isBase64Encoded: true })).toMatchObject({ message: "body: not UTF-8" });
    const headers = { "Content-Encoding": "gzip" };
    expect(refusal({ body: "H4sI", isBase64Encoded: true, headers })).toMatchObject({ path: "content-encoding" });
  });

  it("may begin with a byte order mark", () => {
    const body = Buffer.from('\ufeff{"n":1}').toString("base64");
    expect(jsonBody(decodeHttpEvent(event({ body, isBase64Encoded: true }), "id"))).toEqual({ n: 1 });
    expect(jsonBody(decodeHttpEvent(event({ body: '\ufeff{"n":1}' }), "id"))).toEqual({ n: 1 });
  });
});

describe("routes", () => {
  const routes: Route<null>[] = [
    {
      method: "GET",
      path: "/v1/things/{name}",
      role: "viewer",
      answer: null,
      summary: "Show",
      handle: async (_request, names) => json(200, names),
    },
    {
      method: "POST",
      path: "/v1/things/{name}",
      role: "developer",
      answer: null,
      summary: "Change",
      handle: async (request) => json(200, parseBody(request, z.object({ n: z.number() }))),
    },
  ];
  const call = async (change: object) => {
    const request = decodeHttpEvent(event(change), "id");
    const { route, names } = findRoute(routes, request);
    return route.handle(request, names, null);
  };

  it("are found by path and method", async () => {
    expect((await call({ requestContext: { http: { method: "GET" } } })).body).toBe('{"name":"a/b"}');
  });

  it("name field, value seen and what is expected when a body does not fit, and never a secret", () => {
    const parsed = (schema: z.ZodType, body: object) => () =>
      parseBody(decodeHttpEvent(event({ body: JSON.stringify(body) }), "id"), schema);
    const limit = z.object({ limit: z.number().max(500) });
    expect(parsed(limit, { limit: 501 })).toThrow("limit: expected at most 500; seen 501");
    expect(parsed(limit, {})).toThrow("limit: missing; expected a number");
    const role = z.object({ role: z.enum(["viewer", "admin"], { error: "expected one of viewer, admin" }) });
    expect(parsed(role, { role: "admn" })).toThrow(
      'role: expected one of viewer, admin; seen "admn"; did you mean "admin"?',
    );
    expect(parsed(z.object({ token: z.number() }), { token: "clover-99" })).toThrow(
      "token: expected a number; seen ***",
    );
    expect(parsed(z.object({ n: z.number() }), ["clover"])).toThrow("body: expected an object; seen a list");
  });

  it("name what exists when nothing fits", async () => {
    const wrong = await call({ requestContext: { http: { method: "DELETE" } } }).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ code: "METHOD_NOT_ALLOWED", message: expect.stringContaining("takes GET, POST") });
    expect(problem(wrong, "id")).toMatchObject({ statusCode: 405, headers: { allow: "GET, POST" } });
    await expect(async () => call({ rawPath: "/v1/nowhere" })).rejects.toThrow("there is no route /v1/nowhere");
  });

  it("refuse a body by field", async () => {
    await expect(async () => call({ body: '{"n":"x"}' })).rejects.toMatchObject({ code: "CONFIG_INVALID", path: "n" });
  });
});

describe("a problem answer", () => {
  it("has status, code, hint and path", () => {
    const answer = problem(new UserError("NOT_FOUND", "there is no run", { path: "id" }), "q1");
    expect(answer.statusCode).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 404,
      code: "NOT_FOUND",
      detail: "there is no run",
      path: "id",
      requestId: "q1",
    });
  });

  it("does not tell what went wrong inside", () => {
    const answer = problem(new Error("secret stack"), "q1");
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain("secret");
    expect(problem(new TransientError("SOURCE_BUSY", "later"), "q").statusCode).toBe(503);
  });
});
