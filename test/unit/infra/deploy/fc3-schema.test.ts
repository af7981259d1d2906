import { describe, expect, it } from "vitest";
import { fc3Resource } from "../../../../infra/deploy/fc3-schema.js";
import { violationsBy } from "../../../../infra/deploy/schema-issues.js";

const props = {
  functionName: "sluice-dev-shard",
  region: "cn-hangzhou",
  runtime: "nodejs20",
  code: "./dist/functions",
  handler: "shard.handler",
  cpu: 1,
  memorySize: 1024,
  diskSize: 512,
  timeout: 7200,
  role: "sluice-dev-shard",
  environmentVariables: {},
  logConfig: "auto",
};

/** Field and expectation of each violation when these props differ. */
function refused(change: object): [field: string, expected: string][] {
  const declaration = { component: "fc3", props: { ...props, ...change } };
  const parsed = fc3Resource.safeParse(declaration);
  const found = parsed.success ? [] : violationsBy("shard", declaration, parsed.error.issues);
  return found.map(({ field, expected }) => [field, expected]);
}

describe("a function's declaration", () => {
  it("is taken with what it must have", () => {
    expect(refused({})).toEqual([]);
  });

  it.each(["cn-nowhere", "us-east-2", "cn-hangzhou-1", "CN-HANGZHOU", ""])(
    "is refused in region %j, which the deploy component does not know",
    (region) => {
      expect(refused({ region })).toEqual([["props.region", expect.stringContaining('"cn-hangzhou"')]]);
    },
  );

  it.each(["cn-hongkong", "eu-central-1", "cn-shanghai-finance-1", "me-central-1"])(
    "is taken in region %s",
    (region) => {
      expect(refused({ region })).toEqual([]);
    },
  );

  it("may have twenty tags, each key once: the component refuses more in the middle of a deployment", () => {
    const tags = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: "v" }));
    expect(refused({ tags: tags(20) })).toEqual([]);
    expect(refused({ tags: tags(21) })).toEqual([["props.tags", "at most 20 items"]]);
    expect(refused({ tags: [...tags(1), ...tags(1)] })).toEqual([["props.tags", "keys of which none is repeated"]]);
  });
});

describe("a violation says what is expected, in words, for", () => {
  const cases: [what: string, change: object, violations: [string, string][]][] = [
    ["a missing number", { memorySize: undefined }, [["props.memorySize", "a number"]]],
    ["a text in place of a number", { timeout: "60s" }, [["props.timeout", "a number"]]],
    ["a number too small", { timeout: 0 }, [["props.timeout", "at least 1"]]],
    ["a number off the grid", { cpu: 1.02 }, [["props.cpu", "a multiple of 0.05"]]],
    ["a value that is none of few", { diskSize: 1024 }, [["props.diskSize", "512 or 10240"]]],
    [
      "a misspelt value",
      { region: "cn-hangzou" },
      [["props.region", expect.stringContaining('did you mean "cn-hangzhou"')]],
    ],
    [
      "a misspelt key",
      { vpcconfig: "auto" },
      [["props.vpcconfig", expect.stringContaining('did you mean "vpcConfig"')]],
    ],
    ["a union", { logConfig: "Auto" }, [["props.logConfig", '"auto", or an object']]],
    [
      "an unknown trigger type",
      { triggers: [{ triggerName: "t", triggerType: "cron" }] },
      [["props.triggers[0].triggerType", '"http", "timer" or "oss"']],
    ],
    ["a rule in words of its own", { handler: "shard" }, [["props.handler", "file.export"]]],
    [
      "a key of free choice",
      { environmentVariables: { "1": "x" } },
      [["props.environmentVariables.1", "a variable's name"]],
    ],
  ];
  it.each(cases)("%s", (_what, change, violations) => {
    expect(refused(change)).toEqual(violations);
  });
});
