import { expect, test, vi } from "vitest";
import type { FunctionCaller } from "../../../../infra/local/callers.js";
import { createFaults, dropCall } from "../../../../infra/local/fault-list.js";
import { createKillPoints } from "../../../../infra/local/kill-points.js";

const put = ["tablestore", "PutRow"] as const;

test("A kill meets the n-th matching call of its function, once, and only the instance that makes it.", () => {
  let caller: FunctionCaller | null = null;
  const kill = vi.fn();
  const points = createKillPoints(createFaults(), () => caller, kill);
  points.add("shard", { service: "tablestore", operation: "PutRow", when: "before", count: 2, containing: "done" });
  const body = () => Buffer.from('{"state":"done"}');
  expect(points.take(...put, body)).toBeNull();
  caller = { functionName: "api", instanceId: "c-1" };
  expect(points.take(...put, body)).toBeNull();
  caller = { functionName: "shard", instanceId: "c-2" };
  expect(points.take(...put, () => "pending")).toBeNull();
  expect(points.take("tablestore", "GetRow", body)).toBeNull();
  expect(points.take(...put, body)).toBeNull();
  expect(points.list()).toMatchObject([{ functionName: "shard", left: 1 }]);
  caller = { functionName: "shard", instanceId: "c-3" };
  const fault = points.take(...put, body);
  expect(points.list()).toEqual([]);
  if (fault?.kind !== "dropRequest") throw new Error("the call goes on");
  const socket = { destroy: vi.fn() };
  dropCall(fault, socket);
  expect(kill).toHaveBeenCalledExactlyOnceWith("c-3");
  expect(kill.mock.invocationCallOrder[0]).toBeLessThan(socket.destroy.mock.invocationCallOrder[0] ?? 0);
  expect(points.take(...put, body)).toBeNull();
});

test("Calls that kill nobody get the faults that they would.", () => {
  const faults = createFaults();
  const points = createKillPoints(faults, () => ({ functionName: "shard", instanceId: "c-1" }), vi.fn());
  faults.add("oss", "*", { kind: "twice" });
  points.add("shard", { service: "oss", operation: "*", when: "after" });
  expect(points.take("oss", "PutObject")).toMatchObject({ kind: "dropResponse" });
  expect(points.take("oss", "PutObject")).toEqual({ kind: "twice" });
  points.add("shard", { service: "oss", operation: "*", when: "after" });
  points.clear();
  expect(points.take("oss", "PutObject")).toBeNull();
});
