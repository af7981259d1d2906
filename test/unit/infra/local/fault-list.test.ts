import { expect, test } from "vitest";
import { createFaults } from "../../../../infra/local/fault-list.js";

test("A fault hits the named operation as often as asked for, the oldest first.", () => {
  const faults = createFaults();
  faults.add("oss", "PutObject", { kind: "status", status: 503, times: 2 });
  faults.add("oss", "*", { kind: "delay", ms: 5 });
  expect(faults.take("tablestore", "PutRow")).toBeNull();
  expect(faults.take("oss", "PutObject")).toEqual({ kind: "status", status: 503 });
  expect(faults.take("oss", "GetObject")).toEqual({ kind: "delay", ms: 5 });
  expect(faults.take("oss", "PutObject")).toEqual({ kind: "status", status: 503 });
  expect(faults.take("oss", "PutObject")).toBeNull();
  faults.add("fc", "*", { kind: "twice" });
  faults.clear();
  expect(faults.take("fc", "InvokeFunction")).toBeNull();
});
