import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore, type Store } from "../../../../../infra/local/store/store.js";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "store-"));
  store = await openStore(folder, { sync: false });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const bytes = (text: string) => Buffer.from(text, "latin1");
const put = (key: string, value: string) => store.write((tx) => tx.put(bytes(key), bytes(value)));
const get = (key: string) => store.get(bytes(key))?.toString("latin1");
const number = (value: Buffer | undefined) => Number(value?.toString("latin1") ?? 0);

async function keysOf(range: Parameters<Store["range"]>[0]): Promise<string[]> {
  const keys: string[] = [];
  for await (const [key] of store.range(range)) keys.push(key.toString("latin1"));
  return keys;
}

describe("write", () => {
  it("makes its changes readable when it resolves, and returns what was decided", async () => {
    const decided = await store.write((tx) => {
      tx.put(bytes("a"), bytes("1"));
      return "done";
    });
    expect([decided, get("a")]).toEqual(["done", "1"]);
  });

  it("lets a decision read its own changes", async () => {
    await put("a", "1");
    const seen = await store.write((tx) => {
      tx.del(bytes("a"));
      const gone = tx.get(bytes("a"));
      tx.put(bytes("a"), bytes("2"));
      return [gone, tx.get(bytes("a"))?.toString()];
    });
    expect(seen).toEqual([undefined, "2"]);
  });

  it("decides one after the other: none of many concurrent increments is lost", async () => {
    const increment = () =>
      store.write((tx) => {
        const next = number(tx.get(bytes("n"))) + 1;
        tx.put(bytes("n"), bytes(String(next)));
        return next;
      });
    const results = await Promise.all(Array.from({ length: 200 }, increment));
    expect(results).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
    expect(get("n")).toBe("200");
  });

  it("rejects only the decision that throws, and forgets what it had changed", async () => {
    const outcomes = await Promise.allSettled([
      put("a", "1"),
      store.write((tx) => {
        tx.put(bytes("b"), bytes("2"));
        tx.del(bytes("a"));
        throw new Error("refused");
      }),
      store.write((tx) => [tx.get(bytes("a"))?.toString(), tx.get(bytes("b"))]),
      put("c", "3"),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(outcomes[2]).toMatchObject({ value: ["1", undefined] });
    expect([get("a"), get("b"), get("c")]).toEqual(["1", undefined, "3"]);
  });

  it("does not show changes to readers before they are written", async () => {
    const pending = put("a", "1");
    expect(get("a")).toBeUndefined();
    await pending;
    expect(get("a")).toBe("1");
  });

  it("may be called from what waits for another write", async () => {
    await put("a", "1");
    await Promise.all([put("b", "2").then(() => put("c", "3")), put("d", "4").then(() => put("e", "5"))]);
    expect([get("c"), get("e")]).toEqual(["3", "5"]);
  });

  it("keeps keys apart that are not valid text", async () => {
    await store.write((tx) => {
      tx.put(Buffer.from([0xff]), bytes("1"));
      tx.put(Buffer.from([0xfe]), bytes("2"));
      tx.put(Buffer.from([0xc3, 0xbf]), bytes("3"));
    });
    expect(await keysOf({ gte: Buffer.from([0]), lt: Buffer.from([0xff, 0xff]) })).toHaveLength(3);
  });

  it("says, when a write fails, that the next start is the remedy", async () => {
    await store.close();
    await expect(put("a", "1")).rejects.toThrow(/until the local cloud is started again/);
    store = await openStore(folder, { sync: false });
    expect(get("a")).toBeUndefined();
  });

  it("rejects after close", async () => {
    await store.close();
    await expect(put("a", "1")).rejects.toThrow();
    store = await openStore(folder, { sync: false });
  });
});

describe("range", () => {
  beforeEach(async () => {
    await store.write((tx) => {
      for (const key of ["d", "b", "a", "c", "ca"]) tx.put(bytes(key), bytes(key));
    });
  });

  it("is ordered, with an inclusive start and an exclusive end", async () => {
    expect(await keysOf({ gte: bytes("b"), lt: bytes("d") })).toEqual(["b", "c", "ca"]);
  });

  it("goes backwards and stops at its limit", async () => {
    expect(await keysOf({ gte: bytes("a"), lt: bytes("d"), reverse: true, limit: 2 })).toEqual(["ca", "c"]);
  });

  it("shows the state at the moment of the call", async () => {
    const range = store.range({ gte: bytes("a"), lt: bytes("z") });
    await store.write((tx) => {
      tx.put(bytes("e"), bytes("e"));
      tx.del(bytes("a"));
    });
    const keys: string[] = [];
    for await (const [key] of range) keys.push(key.toString("latin1"));
    expect(keys).toEqual(["a", "b", "c", "ca", "d"]);
  });

  it("may be left early", async () => {
    for await (const [key] of store.range({ gte: bytes("a"), lt: bytes("z") })) {
      expect(key.toString("latin1")).toBe("a");
      break;
    }
  });
});

describe("The folder", () => {
  it("keeps what was written, in order of writing, across close and open", async () => {
    const pending = [put("a", "1"), put("a", "2"), put("b", "3")];
    await store.close();
    await Promise.all(pending);
    store = await openStore(folder);
    expect([get("a"), get("b")]).toEqual(["2", "3"]);
    await put("c", "4");
    expect(get("c")).toBe("4");
  });

  it("belongs to one opener at a time", async () => {
    const second = openStore(folder);
    await expect(second).rejects.toMatchObject({ cause: { code: "LEVEL_LOCKED" } });
  });
});
