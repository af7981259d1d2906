import { expect, test } from "vitest";
import { readPolicy } from "../../../../../shared/connectors/network/policy.js";

const dev = readPolicy({});
const production = readPolicy({ SLUICE_STAGE: "prod" });

test.each([
  "169.254.169.254",
  "169.254.0.1",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "fe80::1",
  "fe80::1%eth0",
  "100.100.100.200",
  "::ffff:100.100.100.200",
  "fd00:ec2::254",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b::6464:64c8",
  "64:ff9b:1::169.254.169.254",
  "64:ff9b:1:2:3:4:a9fe:a9fe",
  "::169.254.169.254",
  "::ffff:0:100.100.100.200",
  "2002:a9fe:a9fe::1",
  "2002:6464:64c8:0:0:0:0:1",
  "fd00::5efe:169.254.169.254",
])("%s is refused in every stage", (address) => {
  expect(dev.refusal("db.example.com", address)).not.toBeNull();
  expect(production.refusal("db.example.com", address)).not.toBeNull();
});

test.each(["127.0.0.1", "127.8.9.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1"])(
  "%s, this machine, is refused in every stage but dev",
  (address) => {
    expect(dev.refusal("localhost", address)).toBeNull();
    expect(production.refusal("localhost", address)).not.toBeNull();
  },
);

test.each(["10.0.0.5", "192.168.1.1", "100.100.2.136", "203.0.113.9", "2001:db8::1", "2001:db8::a9fe:a9fe"])(
  "%s may be reached",
  (address) => {
    expect(production.refusal("db.example.com", address)).toBeNull();
  },
);

test("denied ranges and host suffixes are refused, with exceptions by either", () => {
  const policy = readPolicy({
    SLUICE_NETWORK_DENY: "10.0.0.0/8, internal.example.com 2001:db8::/32",
    SLUICE_NETWORK_ALLOW: "10.1.0.0/16,db.internal.example.com",
  });
  expect(policy.refusal("a", "10.2.0.1")).toContain("SLUICE_NETWORK_DENY");
  expect(policy.refusal("a", "10.1.0.1")).toBeNull();
  expect(policy.refusal("a", "64:ff9b::10.2.0.1")).toContain("SLUICE_NETWORK_DENY");
  expect(policy.refusal("a", "2002:cb00:7109::1")).toBeNull();
  expect(policy.refusal("a", "2001:db8::7")).not.toBeNull();
  expect(policy.refusal("x.internal.example.com", "203.0.113.9")).not.toBeNull();
  expect(policy.refusal("INTERNAL.example.com.", "203.0.113.9")).not.toBeNull();
  expect(policy.refusal("notinternal.example.com", "203.0.113.9")).toBeNull();
  expect(policy.refusal("db.internal.example.com", "10.2.0.1")).toBeNull();
});

test("an allowed name does not open the way to metadata, an allowed range does", () => {
  const byName = readPolicy({ SLUICE_STAGE: "prod", SLUICE_NETWORK_ALLOW: "example.com" });
  expect(byName.refusal("db.example.com", "100.100.100.200")).not.toBeNull();
  expect(byName.refusal("db.example.com", "127.0.0.1")).not.toBeNull();
  const byRange = readPolicy({ SLUICE_STAGE: "prod", SLUICE_NETWORK_ALLOW: "127.0.0.1" });
  expect(byRange.refusal("localhost", "127.0.0.1")).toBeNull();
  expect(byRange.refusal("localhost", "127.0.0.2")).not.toBeNull();
});

test("denying everything leaves what is allowed", () => {
  const policy = readPolicy({ SLUICE_NETWORK_DENY: "0.0.0.0/0,::/0", SLUICE_NETWORK_ALLOW: "192.168.0.0/16" });
  expect(policy.refusal("a", "203.0.113.9")).not.toBeNull();
  expect(policy.refusal("a", "192.168.3.4")).toBeNull();
});

test.each(["10.0.0.0/33", "10.0.0.0/x", "1.2.3.4/5/6", "under score!", "*.example.com"])(
  "the entry %s is refused instead of ignored",
  (entry) => {
    expect(() => readPolicy({ SLUICE_NETWORK_DENY: entry })).toThrow(/SLUICE_NETWORK_DENY/);
  },
);
