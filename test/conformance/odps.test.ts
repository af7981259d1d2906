import { odps } from "../../shared/connectors/odps/index.js";
import type { Moment, WireValue } from "../../shared/connectors/odps/wire/values.js";
import type { Cell } from "../../shared/model/batch.js";
import { dateOfEpochMs, dateToEpochMs } from "../../shared/model/dates.js";
import { startLocalMaxcompute } from "../servers/local-maxcompute.js";
import { getRows, putRows, type Row, type Spot, sql } from "../servers/maxcompute-client.js";
import type { Fixture, TestRow } from "./fixture.js";
import { conformance } from "./suite.js";

const types = ["bigint", "string", "decimal(38,10)", "timestamp", "binary"];
const columns = "id bigint, name string, amount decimal(38,10), at timestamp, raw binary";
const project = "sluice_dev";
/** Of the side, since neither the job nor the data source names another. */
const zone = () => 8 * 3_600_000;

const fixture: Fixture = async () => {
  const local = await startLocalMaxcompute();
  const source = local.source();
  let made = 0;
  const table = async (partitioned: boolean): Promise<Spot> => {
    const name = `table_${++made}`;
    await sql(
      local,
      project,
      `create table ${name} (${columns})${partitioned ? " partitioned by (ds string, hh string)" : ""}`,
    );
    return { project, table: name, ...(partitioned && { partition: "ds=20240229,hh=00" }) };
  };
  return {
    source,
    wrongPassword: { ...source, accessKey: "wrong-secret-9" },
    closedPort: { ...source, endpoint: "http://127.0.0.1:1/api" },
    failing: {
      "an unknown project": { ...source, project: "no_such_project" },
      "an old token": { ...source, securityToken: "token-of-yesterday" },
    },
    missing: {
      table: "no_such_table",
      reader: { table: "no_such_table", column: ["*"] },
      writer: { table: "no_such_table", column: ["*"], truncate: true },
    },
    async fill(rows) {
      const spot = await table(rows.length % 2 === 1);
      if (spot.partition) await sql(local, project, `alter table ${spot.table} add partition (ds='20240229', hh='00')`);
      await putRows(local, spot, types, rows.map(valuesOf));
      return { table: spot.table, column: ["*"], ...(spot.partition && { partition: "ds=2024*,hh=?0" }) };
    },
    async target({ name }) {
      const spot = await table(name === "a partition");
      return {
        parameter: { table: spot.table, column: ["*"] },
        rows: async () => {
          const rows = await getRows(local, spot).catch((error: Error) =>
            /NoSuchPartition/.test(error.message) ? [] : Promise.reject(error),
          );
          return rows.map(cellsOf).sort((a, b) => Number(a[0]) - Number(b[0]));
        },
        refused: { row: ["100000", "x".repeat(8 * 1024 * 1024 + 1), "1", null, null], column: "name" },
      };
    },
    connections: () => local.connections(),
    close: () => local.close(),
  };
};

conformance(odps, fixture, {
  modes: [
    { name: "replacing", parameter: { truncate: true } },
    { name: "adding, compressed", parameter: { truncate: false, isCompress: true } },
    { name: "a partition", parameter: { truncate: true, partition: "ds=20240229,hh=00" } },
  ],
  unsupported: { largestLong: "BIGINT of MaxCompute has no -2^63" },
});

function valuesOf([id, name, amount, at, raw]: TestRow): Row {
  const text = (cell: Cell) => (cell === null ? null : Buffer.from(cell));
  return [BigInt(id), text(name), text(amount), momentOf(at), raw === null ? null : Buffer.from(raw)];
}

function momentOf(at: Cell): Moment | null {
  if (at === null) return null;
  const ms = dateToEpochMs(String(at), zone) ?? 0;
  const seconds = Math.floor(ms / 1000);
  const nanos = Number((/\.(\d+)$/.exec(String(at))?.[1] ?? "").padEnd(9, "0"));
  return { seconds: BigInt(seconds), nanos };
}

function cellsOf([id, name, amount, at, raw]: Row): TestRow {
  const text = (value: WireValue | undefined) => (value === null ? null : String(value));
  return [String(id), text(name), text(amount), dateOf(at as Moment | null), raw as Buffer | null]; // by the types above
}

function dateOf(moment: Moment | null): string | null {
  if (moment === null) return null;
  const fraction = moment.nanos === 0 ? "" : `.${String(moment.nanos).padStart(9, "0")}`;
  return `${dateOfEpochMs(Number(moment.seconds) * 1000, zone)}${fraction}`;
}
