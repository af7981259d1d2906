import Papa from "papaparse";
import type { JsonObject } from "../../shared/model/json.js";
import { type ConformanceOptions, type Fixture, type TestRow, testColumns } from "./fixture.js";

/** A bucket of a server of its own, filled and looked into by another client than ours. */
export interface ObjectPlace {
  readonly source: JsonObject;
  put(key: string, body: Buffer): Promise<unknown>;
  /** All keys with that prefix, in order. */
  keys(prefix: string): Promise<string[]>;
  bytes(key: string): Promise<Buffer>;
  /** How many uploads of such keys are neither completed nor aborted. */
  uploads(prefix: string): Promise<number>;
  close(): Promise<void>;
}

/** A text that no value of the suite has. */
const NULL = "~null~";

/** The scratch place of an object store's conformance. */
export function objectFixture(start: () => Promise<ObjectPlace>): Fixture {
  return async () => {
    const place = await start();
    const { source } = place;
    let made = 0;
    return {
      source,
      wrongPassword: { ...source, accessKey: "wrong-secret-7531" },
      closedPort: { ...source, endpoint: "http://127.0.0.1:1" },
      failing: { "an unknown bucket": { ...source, bucket: "no-such-bucket" } },
      missing: {
        reader: { object: "no/such/object.csv", column: ["*"] },
        writer: { object: "target/missing" },
      },
      async fill(rows) {
        const key = `source/${++made}.csv`;
        const text = rows.map((row) =>
          row.map((cell) => (Buffer.isBuffer(cell) ? cell.toString("base64") : (cell ?? NULL))),
        );
        await place.put(key, Buffer.from(Papa.unparse(text, { newline: "\n" })));
        const column = testColumns.map(({ name, type }, index) => ({ index, name, type }));
        return { object: key, column, nullFormat: NULL, byteEncoding: "base64" };
      },
      async target() {
        const object = `target/${++made}/rows`;
        return {
          parameter: { object, nullFormat: NULL, byteEncoding: "base64" },
          async rows() {
            const found: TestRow[] = [];
            for (const key of await place.keys(object)) {
              const text = (await place.bytes(key)).toString();
              const { data } = Papa.parse<string[]>(text, { delimiter: ",", newline: "\n", skipEmptyLines: true });
              for (const cells of data) found.push(rowOf(cells));
            }
            return found.sort((a, b) => Number(a[0]) - Number(b[0]));
          },
        };
      },
      close: () => place.close(),
    };
  };
}

function rowOf(cells: readonly string[]): TestRow {
  const [id = "", name, amount, at, raw] = cells.map((cell) => (cell === NULL ? null : cell));
  return [
    id ?? "",
    name ?? null,
    amount ?? null,
    at ?? null,
    typeof raw === "string" ? Buffer.from(raw, "base64") : null,
  ];
}

/** What object stores declare about themselves. */
export const objectOptions: ConformanceOptions = {
  modes: [
    { name: "truncate", parameter: { writeMode: "truncate" } },
    { name: "append", parameter: { writeMode: "append" } },
    { name: "one object", parameter: { writeSingleObject: true } },
  ],
  unsupported: { dirty: "a file takes every record: all that a cell can hold is text there" },
};
