import { describe, expect, it } from "vitest";
import {
  capOfGroup,
  groupOfFunction,
  readResourceGroups,
  shardFunctionOf,
} from "../../../../shared/platform/resource-groups.js";

describe("resource groups", () => {
  it("are read with their caps", () => {
    expect(readResourceGroups("default=64, vpc=16")).toEqual({ default: 64, vpc: 16 });
  });

  it.each([
    ["default", '"default" is no group'],
    ["default=64,v pc=1", '"v pc=1" is no group'],
    ["default=0", "lets no shard work"],
    ["vpc=16", "the group default is missing"],
    ["default=1,default=2", "twice"],
    ["default=1,", '"" is no group'],
  ])("are refused when malformed: %s", (text, reason) => {
    expect(() => readResourceGroups(text)).toThrow(reason);
  });

  it("have a function each, whose name tells the group", () => {
    expect(["default", "vpc"].map(shardFunctionOf)).toEqual(["shard", "shard-vpc"]);
    expect(groupOfFunction("sluice-dev-shard-vpc", "dev")).toBe("vpc");
    expect(["sluice-dev-shard", "sluice-dev-dispatcher"].map((name) => groupOfFunction(name, "dev"))).toEqual([
      "default",
      "default",
    ]);
  });

  it("are listed when an unknown one is named, even one called like a part of every object", () => {
    const groups = readResourceGroups("default=64,vpc=16");
    for (const name of ["mill", "constructor", "__proto__"])
      expect(() => capOfGroup(groups, name, "extend.resourceGroup")).toThrow("known are default, vpc");
  });
});
