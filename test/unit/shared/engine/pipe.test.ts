import { describe, expect, it } from "vitest";
import { pipe } from "../../../../shared/engine/pipe.js";
import { type Batch, batchOf } from "../../../../shared/model/batch.js";

const columns = [{ name: "a", type: "string" }] as const;
const batch = (text: string): Batch => batchOf([[text]], { columns, checkpoint: text, dirty: [] });
const clock = () => ({ reader: 0, writer: 0 });

describe("the pipe", () => {
  it("hands batches on in order and ends with the source", async () => {
    async function* source() {
      for (const text of ["a", "b", "c"]) yield batch(text);
    }
    const seen: unknown[] = [];
    for await (const one of pipe(source(), clock())) seen.push(one.checkpoint);
    expect(seen).toEqual(["a", "b", "c"]);
  });

  it("reads ahead no further than its bytes allow", async () => {
    let made = 0;
    async function* source() {
      for (; made < 100; ) {
        made++;
        yield batch("x".repeat(10_000));
      }
    }
    const piped = pipe(source(), clock(), 35_000);
    await piped.next();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(made).toBeGreaterThan(2);
    expect(made).toBeLessThanOrEqual(6);
    await piped.return(undefined);
  });

  it("counts what dirty records and narrow cells take, although they are hardly any payload", async () => {
    const dirty = { side: "reader", reason: "CONVERSION", message: "no number", cells: ["x"] } as const;
    const shapes: Record<string, Batch> = {
      dirty: batchOf([], { columns, checkpoint: null, dirty: Array.from({ length: 100 }, () => dirty) }),
      narrow: batchOf(
        Array.from({ length: 100 }, () => [null]),
        { columns, checkpoint: null, dirty: [] },
      ),
    };
    for (const [shape, one] of Object.entries(shapes)) {
      let made = 0;
      async function* source() {
        for (; made < 1000; made++) yield one;
      }
      const piped = pipe(source(), clock(), 50_000);
      await piped.next();
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect({ shape, isBounded: made < 20 }).toEqual({ shape, isBounded: true });
      await piped.return(undefined);
    }
  });

  it("delivers the batches before an error, then the error", async () => {
    async function* source() {
      yield batch("a");
      throw new Error("the server went away");
    }
    const seen: unknown[] = [];
    const drain = async () => {
      for await (const one of pipe(source(), clock())) seen.push(one.checkpoint);
    };
    await expect(drain()).rejects.toThrow("the server went away");
    expect(seen).toEqual(["a"]);
  });

  it("closes the source when the taker leaves early", async () => {
    let closed = false;
    async function* source() {
      try {
        for (;;) yield batch("x");
      } finally {
        closed = true;
      }
    }
    for await (const _ of pipe(source(), clock(), 5)) break;
    expect(closed).toBe(true);
  });

  it("says which side made the other one wait", async () => {
    async function* slowSource() {
      await new Promise((resolve) => setTimeout(resolve, 30));
      yield batch("a");
    }
    const waited = clock();
    for await (const _ of pipe(slowSource(), waited));
    expect(waited.reader).toBeGreaterThan(20);
    expect(waited.writer).toBeLessThan(10);
  });
});
