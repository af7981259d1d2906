import { describe, expect, it } from "vitest";
import { once } from "../../../../shared/http/idempotency.js";
import type { HttpRequest } from "../../../../shared/http/request.js";
import { type HttpResponse, json } from "../../../../shared/http/response.js";
import { UserError } from "../../../../shared/model/errors.js";
import type { AnswersStore, KeptAnswer } from "../../../../shared/store/answers-store.js";

/** The store in memory, versions checked. */
function memoryAnswers(): AnswersStore {
  const rows = new Map<string, { value: KeptAnswer; version: number }>();
  return {
    async find(key) {
      const row = rows.get(key);
      return row && { key: [key], ...row };
    },
    async store(key, value, version) {
      if ((rows.get(key)?.version ?? 0) !== version) return false;
      rows.set(key, { value, version: version + 1 });
      return true;
    },
    async remove(key) {
      rows.delete(key);
    },
  };
}

const request = (key: string | undefined, body = "{}"): HttpRequest => ({
  method: "POST",
  segments: ["v1", "things"],
  query: {},
  headers: key === undefined ? {} : { "idempotency-key": key },
  body,
  clientAddress: "192.0.2.7",
  requestId: "q",
});

function server() {
  const answers = memoryAnswers();
  const made: number[] = [];
  const work = async (): Promise<HttpResponse> => {
    made.push(made.length + 1);
    return json(201, { n: made.length });
  };
  const call = (asked: HttpRequest, { now = 0, scope = "s", does = work } = {}) =>
    once(asked, { answers, scope, now }, does);
  return { call, made };
}

describe("an idempotency key", () => {
  it("does the work once and gives the first answer again", async () => {
    const { call, made } = server();
    const first = await call(request("k"));
    const second = await call(request("k"));
    expect(made).toEqual([1]);
    expect(second.body).toBe(first.body);
    expect(second.headers["idempotency-replayed"]).toBe("true");
  });

  it("belongs to one caller", async () => {
    const { call, made } = server();
    await call(request("k"));
    await call(request("k"), { scope: "other" });
    expect(made).toHaveLength(2);
  });

  it.each([
    ["body", { body: '{"a":1}' }],
    ["path", { segments: ["v1", "others"] }],
    ["query", { query: { a: "1" } }],
    ["method", { method: "PUT" }],
  ])("stands for one request: another %s is a conflict", async (_, other) => {
    const { call, made } = server();
    await call(request("k"));
    await expect(call({ ...request("k"), ...other })).rejects.toMatchObject({ code: "CONFLICT" });
    expect(made).toHaveLength(1);
  });

  it("is free again after a refusal, and after a day", async () => {
    const { call, made } = server();
    const refuse = async () => Promise.reject(new UserError("CONFIG_INVALID", "no"));
    await expect(call(request("k"), { does: refuse })).rejects.toThrow("no");
    await call(request("k"));
    await call(request("k"), { now: 23 * 3_600_000 });
    expect(made).toHaveLength(1);
    await call(request("k"), { now: 25 * 3_600_000 });
    expect(made).toHaveLength(2);
  });

  it("refuses a repeat while the first is worked on, and lets one in when the first must have died", async () => {
    const { call, made } = server();
    void call(request("k"), { does: () => new Promise(() => {}) });
    await new Promise((resolve) => setImmediate(resolve));
    await expect(call(request("k"))).rejects.toThrow("still worked on");
    await call(request("k"), { now: 61_000 });
    expect(made).toHaveLength(1);
  });

  it("never keeps an answer that must not be stored", async () => {
    const { call } = server();
    const does = async () => json(201, { token: "t" }, { "cache-control": "no-store" });
    await call(request("k"), { does });
    await expect(call(request("k"), { does })).rejects.toThrow("not kept");
  });

  it("is refused when it is malformed, and not needed", async () => {
    const { call, made } = server();
    await expect(call(request("a b"))).rejects.toMatchObject({ code: "CONFIG_INVALID", path: "idempotency-key" });
    await call(request(undefined));
    await call(request(undefined));
    expect(made).toHaveLength(2);
  });
});
