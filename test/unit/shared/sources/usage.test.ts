import { expect, it } from "vitest";
import { splitName } from "../../../../shared/sources/find-source.js";
import { consequenceOf } from "../../../../shared/sources/usage.js";
import { draftEnvironment, meantEnvironment } from "../../../../shared/sources/workspaces.js";

const use = (...versions: ("draft" | "production")[]) => ({ workspace: "w", job: "j", versions });

it.each([
  [
    use("draft", "production"),
    ["production"],
    "the production job will fail at its next run; its draft can no longer be submitted",
  ],
  [use("draft"), ["production"], "its draft can no longer be submitted"],
  [use("production"), ["development"], "the production job goes on"],
  [use("draft"), ["development"], "its draft loses the metadata and cannot run in development"],
  [
    use("production", "draft"),
    ["development", "production"],
    "the production job will fail at its next run; its draft can no longer be submitted; its draft loses the metadata and cannot run in development",
  ],
] as const)("what %j loses with %j is spelled out", (one, gone, consequence) => {
  expect(consequenceOf(one, gone, "standard")).toBe(consequence);
  expect(consequenceOf(one, gone, "basic")).toBe("the job will fail at its next run");
});

it("a name with a dot is another workspace's", () => {
  expect(splitName("home", "shop")).toEqual({ owner: "home", own: "shop" });
  expect(splitName("home", "sales.shop")).toEqual({ owner: "sales", own: "shop" });
});

it("everything in a basic workspace means production", () => {
  const workspace = (mode: "basic" | "standard") => {
    return { name: "w", mode, description: "", timeZone: "Asia/Shanghai", createdAt: null, upgradedAt: null };
  };
  expect(meantEnvironment(workspace("basic"), undefined)).toBe("production");
  expect(() => meantEnvironment(workspace("basic"), "development")).toThrow("has production only");
  expect(() => meantEnvironment(workspace("standard"), undefined)).toThrow("required");
  expect(draftEnvironment(workspace("basic"))).toBe("production");
  expect(draftEnvironment(workspace("standard"))).toBe("development");
});
