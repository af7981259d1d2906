import { expect, it } from "vitest";
import type { DataSourceRecord, SourceDefinition } from "../../../../shared/model/data-source.js";
import type { Services } from "../../../../shared/services.js";
import { deleteSource, listDeleted, RESTORE_DAYS, restoreSource } from "../../../../shared/sources/delete-source.js";
import { createSourcesStore } from "../../../../shared/store/sources-store.js";
import { memoryDocuments } from "./memory-documents.js";

function stage() {
  let now = Date.parse("2026-01-01T00:00:00Z");
  const sources = createSourcesStore(memoryDocuments());
  // Deleting and restoring touch nothing else, as long as no job uses the data source.
  const services = { sources, now: () => now } as Services;
  const definition = (description: string): SourceDefinition => ({
    ...{ type: "mysql", properties: {}, boundTo: "w/shop", sealed: null },
    ...{ description, tags: [], resourceGroup: null, connectivity: null, updatedAt: "" },
  });
  const record: DataSourceRecord = {
    ...{ name: "shop", type: "mysql", grants: [], revision: 1, createdAt: "", updatedAt: "" },
    definitions: { development: definition("dev"), production: definition("prod") },
  };
  const target = { workspace: "w", name: "shop", ifMatch: null, force: false };
  const later = (days: number) => {
    now += days * 86_400_000;
  };
  return { services, record, target, later };
}

it(`What was deleted is restorable for ${RESTORE_DAYS} days and then gone for good`, async () => {
  const { services, record, target, later } = stage();
  await services.sources.insert("w", record);
  const { restorableUntil } = await deleteSource(services, { ...target, environment: null });
  expect(restorableUntil).toBe("2026-01-08T00:00:00.000Z");
  later(RESTORE_DAYS - 0.01);
  expect(await listDeleted(services, "w")).toHaveLength(2);
  const restored = await restoreSource(services, { workspace: "w", name: "shop", environment: null });
  expect(restored.definitions).toEqual(record.definitions);
  await deleteSource(services, { ...target, environment: null });
  later(RESTORE_DAYS + 0.01);
  expect(await listDeleted(services, "w")).toEqual([]);
  await expect(restoreSource(services, { workspace: "w", name: "shop", environment: null })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

it("Of several deletions the newest one is restored, half by half", async () => {
  const { services, record, target, later } = stage();
  await services.sources.insert("w", record);
  await deleteSource(services, { ...target, environment: "development" });
  later(1);
  await deleteSource(services, { ...target, environment: null });
  const place = { workspace: "w", name: "shop" };
  expect(Object.keys((await restoreSource(services, { ...place, environment: null })).definitions)).toEqual([
    "production",
  ]);
  const both = await restoreSource(services, { ...place, environment: "development" });
  expect(both.definitions).toEqual(record.definitions);
});

it("A deletion for a version that is gone deletes nothing", async () => {
  const { services, record, target } = stage();
  await services.sources.insert("w", record);
  const stale = deleteSource(services, { ...target, environment: null, ifMatch: 7 });
  await expect(stale).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
  expect(await listDeleted(services, "w")).toEqual([]);
  expect((await services.sources.get("w", "shop")).value).toEqual(record);
});
