import { describe, expect, it } from "vitest";
import { resourceGroupOf } from "../../../../shared/jobs/resource-group.js";
import type { Job } from "../../../../shared/model/job.js";
import type { PlannedStep } from "../../../../shared/model/plan.js";
import { parseJob } from "../../../../shared/script/read/parse-job.js";

const services = { resourceGroups: { default: 64, vpc: 16, bank: 2 } };

function jobIn(resourceGroup?: unknown): Job {
  const step = (category: string) => ({ stepType: "stream", category, name: category, parameter: {} });
  return parseJob(
    JSON.stringify({
      type: "job",
      version: "2.0",
      steps: [step("reader"), step("writer")],
      order: { hops: [{ from: "reader", to: "writer" }] },
      setting: { speed: { concurrent: 1 }, errorLimit: { record: "0" } },
      ...(resourceGroup === undefined ? {} : { extend: { mode: "code", resourceGroup } }),
    }),
  ).job;
}

function steps(...groups: (string | null)[]): PlannedStep[] {
  return groups.map((resourceGroup, i) => {
    const source = { type: "mysql", properties: {}, boundTo: "", sealed: null };
    return {
      type: "mysql",
      parameter: {},
      sources: [{ name: `db${i}`, source, ...(resourceGroup && { resourceGroup }) }],
    };
  });
}

const groupOf = (job: Job, ...groups: (string | null)[]) => resourceGroupOf(services, job, steps(...groups));

describe("where a job runs", () => {
  it("is the group it names, whatever its data sources say", () => {
    expect(groupOf(jobIn("vpc"), "bank", "bank")).toEqual({ group: "vpc", cap: 16 });
  });

  it("is the group of its data sources when it names none, else the default one", () => {
    expect(groupOf(jobIn(), null, "bank")).toEqual({ group: "bank", cap: 2 });
    expect(groupOf(jobIn(""), null, null)).toEqual({ group: "default", cap: 64 });
  });

  it("is not guessed when data sources belong to different groups", () => {
    expect(() => groupOf(jobIn(), "vpc", "bank")).toThrow(
      'data source "db0" belongs to resource group vpc, "db1" to bank: name the one that reaches both',
    );
  });

  it("must be known", () => {
    expect(() => groupOf(jobIn("mill"))).toThrow(
      'extend.resourceGroup: there is no resource group "mill"; known are default, vpc, bank',
    );
    expect(() => groupOf(jobIn(), "gone")).toThrow('resourceGroup of data source "db0": there is no resource group');
    expect(() => groupOf(jobIn(7))).toThrow("expected the name of a resource group");
  });
});
