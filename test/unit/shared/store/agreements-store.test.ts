import { expect, it } from "vitest";
import { createAgreementsStore } from "../../../../shared/store/agreements-store.js";
import { memoryDocuments } from "../sources/memory-documents.js";

const set = { run: "r1", generation: 1 };

it("Splits that ask at once have one value, and each planning, run and name one of its own", async () => {
  const store = createAgreementsStore(memoryDocuments());
  let made = 0;
  const make = async () => `value ${++made}`;
  const found = await Promise.all([1, 2, 3, 4].map(() => store.agree(set, "a", make)));
  expect(new Set(found).size).toBe(1);
  const before = made;
  expect(await store.agree(set, "a", make)).toBe(found[0]);
  expect(made).toBe(before);
  const others = [
    await store.agree(set, "b", make),
    await store.agree({ ...set, generation: 2 }, "a", make),
    await store.agree({ ...set, run: "r2" }, "a", make),
  ];
  expect(new Set([...found, ...others]).size).toBe(4);
});

it("What cannot be made is not agreed on", async () => {
  const store = createAgreementsStore(memoryDocuments());
  const broken = store.agree(set, "a", () => Promise.reject(new Error("no session")));
  await expect(broken).rejects.toThrow("no session");
  expect(await store.agree(set, "a", async () => "later")).toBe("later");
});
