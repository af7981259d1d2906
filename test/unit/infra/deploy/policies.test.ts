import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { forbiddenCalls } from "../../../../infra/deploy/allowed-calls.js";
import { policyFiles, policyOf } from "../../../../infra/deploy/policies.js";

const folder = path.resolve(import.meta.dirname, "../../../../infra/deploy/policies");

describe("the policies that are checked in", () => {
  it("are those that the grants and tables make; npm run policies writes them anew", () => {
    const files = Object.fromEntries(
      readdirSync(folder).map((name) => [name, JSON.parse(readFileSync(path.join(folder, name), "utf8"))]),
    );
    expect(files).toEqual(policyFiles());
  });

  it("allow no wildcard action, and no resource of somebody else", () => {
    for (const role of ["api", "dispatcher", "planner", "shard", "shard-group", "reducer"] as const)
      for (const { Action, Resource } of policyOf(role).Statement) {
        for (const action of Action) expect(action).toMatch(/^(ots|oss|fc|kms|sts|log):[A-Za-z]+$/);
        for (const resource of Resource)
          expect(resource).toMatch(/\$\{SLUICE_[A-Z_]+\}|^acs:log:|:role\/sluice-source-\*$/);
      }
  });

  it("fit into what RAM takes: 6,144 characters without blanks", () => {
    for (const policy of Object.values(policyFiles())) expect(JSON.stringify(policy).length).toBeLessThan(6144);
  });
});

describe("calls that no policy allows", () => {
  const installation = { stage: "dev", instance: "inst", bucket: "own" };
  const call = (caller: string | null, service: string, operation: string, resource: string) => ({
    caller,
    service,
    operation,
    resource,
  });

  it("are found by role, action and resource", () => {
    const allowed = [
      call("sluice-dev-shard", "tablestore", "PutRow", "instance/inst/table/sluice_splits"),
      call("sluice-dev-shard-vpc", "fc", "InvokeFunction", "sluice-dev-shard-vpc"),
      // FC calls the failure destination with the role of the function that failed.
      call("sluice-dev-shard", "fc", "InvokeFunction", "sluice-dev-dispatcher"),
      call("sluice-dev-shard-vpc", "fc", "InvokeFunction", "sluice-dev-dispatcher"),
      call("sluice-dev-shard", "oss", "DeleteMultipleObjects", "own"),
      call("sluice-dev-api", "oss", "ListObjectsV2", "own"),
      call(null, "tablestore", "DeleteTable", "instance/inst/table/sluice_splits"),
      call("somebody-else", "oss", "PutObject", "own/x"),
    ];
    const forbidden = [
      call("sluice-dev-shard", "tablestore", "DeleteRow", "instance/inst/table/sluice_splits"),
      call("sluice-dev-shard", "tablestore", "PutRow", "instance/other/table/sluice_splits"),
      call("sluice-dev-shard", "tablestore", "PutRow", "instance/inst/table/sluice_splits_old"),
      call("sluice-dev-shard", "oss", "PutObject", "own/landing/x"),
      call("sluice-dev-shard", "fc", "InvokeFunction", "sluice-dev-api"),
      call("sluice-dev-reducer", "oss", "PutObject", "own/runs/x"),
    ];
    expect(forbiddenCalls([...allowed, ...forbidden], installation)).toEqual(forbidden);
  });
});
