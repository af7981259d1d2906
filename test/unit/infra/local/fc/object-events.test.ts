import { expect, test } from "vitest";
import { wants } from "../../../../../infra/local/fc/object-events.js";

const trigger = {
  name: "t",
  bucket: "b",
  events: ["oss:ObjectCreated:PutObject", "oss:ObjectRemoved:*"],
  prefix: "in/",
  suffix: ".csv",
};
const event = {
  eventName: "ObjectCreated:PutObject",
  bucket: "b",
  key: "in/x.csv",
  size: 1,
  deltaSize: 1,
  eTag: "E",
  requestId: "r",
  sourceIp: "",
};

test("A trigger wants the events that bucket, name, prefix and suffix agree on.", () => {
  expect(wants(trigger, event)).toBe(true);
  expect(wants(trigger, { ...event, eventName: "ObjectRemoved:DeleteObjects" })).toBe(true);
  expect(wants(trigger, { ...event, eventName: "ObjectCreated:PostObject" })).toBe(false);
  expect(wants(trigger, { ...event, bucket: "c" })).toBe(false);
  expect(wants(trigger, { ...event, key: "IN/x.csv" })).toBe(false);
  expect(wants(trigger, { ...event, key: "in/x.csv.gz" })).toBe(false);
  expect(wants({ ...trigger, prefix: "", suffix: "", events: ["oss:ObjectCreated:*"] }, event)).toBe(true);
});
