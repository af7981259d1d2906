import { expect, it } from "vitest";
import { createThrottlesStore } from "../../../../shared/store/throttles-store.js";
import { memoryDocuments } from "../sources/memory-documents.js";

it("A share that could not be stored is not held: the table as it stands is the answer", async () => {
  const documents = memoryDocuments();
  await createThrottlesStore(documents).update("r1", () => ({ held: 1 }));
  const contended = createThrottlesStore({ ...documents, replace: async () => false });
  const more = (table: { held: number } = { held: 0 }) => ({ held: table.held + 5 });
  expect(await contended.update("r1", more)).toEqual({ held: 1 });
});
