import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { carryOutLook } from "../../../../shared/looks/carry-out-look.js";
import { listSourceTables } from "../../../../shared/looks/catalog.js";
import { lookOrderSchema } from "../../../../shared/looks/look-orders.js";
import { testProperties, testSources, testTarget } from "../../../../shared/looks/test-source.js";
import { InternalError, TransientError } from "../../../../shared/model/errors.js";
import type { Json } from "../../../../shared/model/json.js";
import { createLog } from "../../../../shared/platform/log.js";
import { environmentSecretBox } from "../../../../shared/secrets/environment-box.js";
import type { Services } from "../../../../shared/services.js";
import { createSource } from "../../../../shared/sources/change-source.js";
import { getVisible } from "../../../../shared/sources/find-source.js";
import { createQuotasStore } from "../../../../shared/store/quotas-store.js";
import { createSourcesStore } from "../../../../shared/store/sources-store.js";
import { memoryDocuments } from "../sources/memory-documents.js";

const secret = "hunter2-in-the-clear";
/** An address that no data source may have: a test ends there, before it reaches any network. */
const properties = { host: "169.254.169.254", port: 3306, database: "d", username: "u", password: secret };
const workspace = {
  name: "w",
  mode: "basic",
  description: "",
  timeZone: "Asia/Shanghai",
  createdAt: null,
  upgradedAt: null,
} as const;

/** The api's and the shards' services at once, and a platform that passes texts between the two. */
function stage() {
  const calls: { name: string; text: string }[] = [];
  const busy = new Set<string>();
  const documents = memoryDocuments();
  const services = {
    sources: createSourcesStore(documents),
    quotas: createQuotasStore(documents),
    workspaces: { get: async () => ({ key: [], value: workspace, version: 1 }) },
    secretBox: environmentSecretBox({ current: randomBytes(32).toString("base64"), previous: "" }),
    resourceGroups: { default: 4, vpc: 2 },
    log: createLog({}),
    now: () => Date.parse("2026-01-01T00:00:00Z"),
    invoker: {
      start: async () => true,
      async call(name: string, payload: Json) {
        const text = JSON.stringify(payload);
        calls.push({ name, text });
        if (busy.has(name)) throw new TransientError("SOURCE_BUSY", `${name} did not answer`);
        return JSON.parse(JSON.stringify(await carryOutLook(services, lookOrderSchema.parse(JSON.parse(text)))));
      },
    },
    // The other stores are not touched.
  } as unknown as Services;
  const add = (name: string, type: string, resourceGroup: string | null) =>
    createSource(services, workspace, {
      ...{ name, type },
      definitions: { production: { properties: type === "mysql" ? properties : {}, resourceGroup } },
    });
  const target = async (name: string) => testTarget(await getVisible(services, "w", name), "production");
  return { services, calls, busy, add, target, invoker: services.invoker };
}

describe("a data source that an earlier version stored", () => {
  it("and that does not fit any more is the user's to change, not our bug", async () => {
    const { services, add, target } = stage();
    await add("old", "mysql", null);
    const { value, version } = await services.sources.get("w", "old");
    const { production } = value.definitions;
    if (!production) throw new Error("not stored");
    const outdated = { ...production, properties: { ...production.properties, colour: "red" } };
    await services.sources.replace("w", { ...value, definitions: { production: outdated } }, version);
    const refusal = { code: "CONFIG_INVALID", message: expect.stringMatching(/data source "old": .*colour/) };
    expect(await testSources(services, "w", { targets: [await target("old")] })).toMatchObject([refusal]);
    const place = {
      workspace: "w",
      source: await getVisible(services, "w", "old"),
      environment: "production",
    } as const;
    await expect(listSourceTables(services, place, { search: "", limit: 5, page: null })).rejects.toMatchObject(
      refusal,
    );
  });
});

describe("connectivity tests", () => {
  it("go to the function of each resource group once, as names without properties or secrets", async () => {
    const { services, calls, add, target } = stage();
    for (const [name, group] of [
      ...[
        ["a", null],
        ["b", null],
      ],
      ["c", "vpc"],
    ] as [string, string | null][])
      await add(name, "mysql", group);
    const reports = await testSources(services, "w", {
      targets: [await target("a"), await target("c"), await target("b")],
    });
    for (const report of reports) expect(report).toMatchObject({ ok: false, environment: "production" });
    expect(calls.map(({ name }) => name).sort()).toEqual(["shard", "shard-vpc"]);
    expect(JSON.parse(calls.find(({ name }) => name === "shard-vpc")?.text ?? "")).toEqual({
      kind: "test",
      places: [{ workspace: "w", name: "c", environment: "production" }],
      write: false,
    });
    const { value } = await services.sources.get("w", "c");
    expect(value.definitions.production?.connectivity).toMatchObject({ ok: false, at: "2026-01-01T00:00:00.000Z" });
  });

  it("keep the code of an error, and the trouble of one group from the others", async () => {
    const { services, busy, add, target } = stage();
    await add("a", "stream", null);
    await add("b", "mysql", "vpc");
    busy.add("shard-vpc");
    expect(await testSources(services, "w", { targets: [await target("a"), await target("b")] })).toMatchObject([
      { code: "UNSUPPORTED", recovery: "fix" },
      { code: "SOURCE_BUSY", recovery: "retry" },
    ]);
  });

  it("fail alone where one breaks the function that tests, and are kept from the others by nothing", async () => {
    const { services, add, target, invoker } = stage();
    const names = ["a", "b", "breaks", "c", "d", "e", "f"];
    for (const name of names) await add(name, "mysql", null);
    const orders: string[][] = [];
    const call = invoker.call;
    invoker.call = async (name: string, payload: Json) => {
      const { places } = payload as unknown as { places: { name: string }[] };
      orders.push(places.map((place) => place.name));
      if (places.some((place) => place.name === "breaks"))
        throw new InternalError("INTERNAL", "calling shard failed: Process exited unexpectedly");
      return call(name as never, payload);
    };
    const reports = await testSources(services, "w", { targets: await Promise.all(names.map(target)) });
    expect(reports.map((one) => (one instanceof Error ? one.message : one.steps.at(-1)?.name))).toEqual(
      names.map((name) => (name === "breaks" ? "calling shard failed: Process exited unexpectedly" : "resolve")),
    );
    expect(orders).toEqual([names, ...names.map((name) => [name])]);
  });

  it("stand, though their outcome cannot be kept", async () => {
    const { services, add, target } = stage();
    await add("a", "mysql", null);
    const one = await target("a");
    const broken = { ...services, sources: { ...services.sources, replace: () => Promise.reject(new Error("full")) } };
    expect(await testSources(broken as never, "w", { targets: [one] })).toMatchObject([
      { ok: false, steps: [{ name: "resolve" }] },
    ]);
  });

  it("seal the secrets of what is not saved yet", async () => {
    const { services, calls } = stage();
    const found = await testProperties(services, { workspace: "w", type: "mysql", properties, resourceGroup: "vpc" });
    expect(found.ok).toBe(false);
    expect(calls).toMatchObject([{ name: "shard-vpc" }]);
    expect(calls[0]?.text).not.toContain(secret);
    await expect(
      testProperties(services, { workspace: "w", type: "mysql", properties, resourceGroup: "mill" }),
    ).rejects.toMatchObject({
      ...{ code: "CONFIG_INVALID", path: "resourceGroup" },
    });
  });
});

describe("a look into a data source that has nothing to look into", () => {
  it("is refused by the shard and told as it is", async () => {
    const { services, calls, add } = stage();
    await add("rows", "stream", "vpc");
    const place = {
      workspace: "w",
      source: await getVisible(services, "w", "rows"),
      environment: "production",
    } as const;
    const query = { search: "", limit: 5, page: null };
    await expect(listSourceTables(services, place, query)).rejects.toMatchObject({ code: "UNSUPPORTED" });
    expect(calls).toMatchObject([{ name: "shard-vpc" }]);
  });
});
