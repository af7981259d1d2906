import Papa from "papaparse";
import { oss } from "../../shared/connectors/oss/index.js";
import type { JsonObject } from "../../shared/model/json.js";
import { startOss } from "../integration/oss-connector-server.js";
import { type Fixture, type TestRow, testColumns } from "./fixture.js";
import { conformance } from "./suite.js";

/** A text that no value of the suite has. */
const NULL = "~null~";

const fixture: Fixture = async () => {
  const place = await startOss();
  const source = place.source as unknown as JsonObject;
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
      await place.client.put(key, Buffer.from(Papa.unparse(text, { newline: "\n" })));
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
            const text = await place.text(key);
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

conformance(oss, fixture, {
  modes: [
    { name: "truncate", parameter: { writeMode: "truncate" } },
    { name: "append", parameter: { writeMode: "append" } },
    { name: "one object", parameter: { writeSingleObject: true } },
  ],
  unsupported: { dirty: "a file takes every record: all that a cell can hold is text there" },
});
