import { describe, expect, it } from "vitest";
import { decodeDispatcherEvent } from "../../../../functions/dispatcher/events.js";

const decode = (event: object) => decodeDispatcherEvent(Buffer.from(JSON.stringify(event)));

/** The platform's record of an asynchronous call that failed for good. */
const lost = (payload: unknown) => ({
  requestContext: { requestId: "r" },
  requestPayload: payload,
  responsePayload: "",
});

describe("the record of a lost call", () => {
  it("names the shard that is to be replaced", () => {
    const order = { run: "r1", shard: "r1-g1-0", index: 0, of: 4 };
    expect(decode(lost(order))).toEqual({ kind: "shardLost", order });
    expect(decode(lost(JSON.stringify(order)))).toEqual({ kind: "shardLost", order });
  });

  it("names the planning or the step of a resource group that is to be done again", () => {
    expect(decode(lost({ kind: "plan", run: "r1" }))).toEqual({ kind: "planLost", run: "r1", requestId: "r" });
    expect(decode(lost({ kind: "reduce", run: "r1" }))).toEqual({ kind: "reduceLost", run: "r1" });
  });

  it("is refused when it is about something else", () => {
    expect(() => decode(lost({ kind: "sleep", run: "r1" }))).toThrow("the dispatcher takes");
  });
});

describe("what else the dispatcher is called for", () => {
  it("is a tick or an upload", () => {
    const at = "2026-11-20T10:00:00Z";
    expect(decode({ triggerTime: at, triggerName: "tick", payload: "" })).toEqual({ kind: "tick", at: new Date(at) });
    const oss = { bucket: { name: "b" }, object: { key: "landing/a", eTag: "e" } };
    const events = [
      { eventName: "ObjectCreated:PutObject", oss },
      { eventName: "ObjectRemoved:DeleteObject", oss },
    ];
    expect(decode({ events })).toEqual({ kind: "upload", objects: [{ bucket: "b", key: "landing/a", eTag: "e" }] });
  });
});
