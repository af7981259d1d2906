import { expect, it } from "vitest";
import { updateThrottle } from "../../../../../shared/store/throttle-store.js";
import { memoryDocuments } from "../../sources/memory-documents.js";

it("A share that could not be stored is not held: the table as it stands is the answer", async () => {
  const documents = memoryDocuments();
  await updateThrottle(documents, "r1", { held: 0 }, () => ({ held: 1 }));
  const contended = { ...documents, replace: async () => false };
  expect(await updateThrottle(contended, "r1", { held: 0 }, ({ held }) => ({ held: held + 5 }))).toEqual({ held: 1 });
});
