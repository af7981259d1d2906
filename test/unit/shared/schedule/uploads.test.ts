import { describe, expect, it } from "vitest";
import { fireUpload } from "../../../../shared/schedule/uploads.js";
import { storeTables } from "../../../../shared/store/tables.js";
import { workshop } from "./workshop.js";

describe("an upload", () => {
  const object = { bucket: "lake", key: "in/2026/a.csv", eTag: "1" };

  it("starts the jobs that wait for it, once, and reads no others", async () => {
    const { services, save, read, started } = await workshop();
    const waits = (prefix: string, suffix = "", bucket = "lake") => ({ subscription: { bucket, prefix, suffix } });
    await save("whole", waits(""));
    await save("half", waits("in/20"));
    await save("csv", waits("in/2026/", ".csv"));
    for (const [i, other] of [waits("out/"), waits("in/2025/"), waits("", ".json"), waits("", "", "pond")].entries())
      await save(`other${i}`, other);
    read.length = 0;
    for (let i = 0; i < 2; i++) await fireUpload(services, object);
    expect([...new Set(read)]).toEqual(["whole", "half", "csv"]);
    expect((await started()).sort()).toEqual(["csv 1", "half 1", "whole 1"]);
  });

  it("of what waits to become part of an object starts nothing", async () => {
    const { services, save, started } = await workshop();
    await save("whole", { subscription: { bucket: "lake", prefix: "", suffix: "" } });
    await fireUpload(services, { ...object, key: "in/.sluice-staging/5f/0_1_0" });
    expect(await started()).toEqual([]);
    await fireUpload(services, object);
    expect(await started()).toEqual(["whole 1"]);
  });

  it("starts nothing that waits no longer, or elsewhere now", async () => {
    const { services, documents, save, started } = await workshop();
    await save("gone", { subscription: { bucket: "lake", prefix: "in/", suffix: "" } });
    await save("moved", { subscription: { bucket: "lake", prefix: "in/", suffix: "" } });
    await save("gone", {});
    await save("moved", { subscription: { bucket: "lake", prefix: "out/", suffix: "" } });
    await fireUpload(services, object);
    expect(await started()).toEqual([]);
    expect(await documents.list(storeTables.subscriptions, { prefix: ["lake", "in/"], limit: 10 })).toEqual([]);
  });

  it("starts the others when one cannot be started, and asks for the event again", async () => {
    const { services, save, broken, started } = await workshop();
    for (const name of ["a", "b", "c"])
      await save(name, { subscription: { bucket: "lake", prefix: "in/", suffix: "" } });
    broken.add("b");
    await expect(fireUpload(services, object)).rejects.toThrow("throttled");
    expect((await started()).sort()).toEqual(["a 1", "c 1"]);
    broken.clear();
    await fireUpload(services, object);
    expect((await started()).sort()).toEqual(["a 1", "b 1", "c 1"]);
  });
});
