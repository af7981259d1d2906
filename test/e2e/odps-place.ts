import { getRows, type Place, type Row, type Spot, sql } from "../servers/maxcompute-client.js";
import type { TestSluice } from "../servers/sluice.js";

/** A project of the local cloud's MaxCompute, registered as `mc`. */
export interface OdpsPlace {
  readonly place: Place;
  /** Runs a statement; a query's result is CSV. */
  sql(statement: string): Promise<string>;
  /** Records of a table or partition. */
  rows(table: string, partition?: string): Promise<Row[]>;
  /** Number of records that a query sees. */
  count(table: string, where?: string): Promise<number>;
  /** What a data source, or a DataX job, says to get there. */
  readonly properties: {
    readonly endpointMode: "Custom";
    readonly endpoint: string;
    readonly project: string;
    readonly accessId: string;
    readonly accessKey: string;
  };
}

const project = "sluice_dev";

/** Registers the project. */
export async function openOdps(sluice: TestSluice): Promise<OdpsPlace> {
  const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
  const { maxcompute: endpoint } = sluice.cloud.endpoints;
  const place: Place = { endpoint, key: { accessId, accessKey } };
  const properties = { endpointMode: "Custom", endpoint, project, accessId, accessKey } as const;
  await sluice.register("mc", "odps", properties);
  const spot = (table: string, partition?: string): Spot => ({
    project,
    table,
    ...(partition !== undefined && { partition }),
  });
  return {
    ...{ place, properties },
    sql: (statement) => sql(place, project, statement),
    rows: (table, partition) => getRows(place, spot(table, partition)),
    count: async (table, where) => {
      const text = await sql(
        place,
        project,
        `select count(*) from ${table}${where === undefined ? "" : ` where ${where}`}`,
      );
      return Number(text.split("\n")[1]);
    },
  };
}
