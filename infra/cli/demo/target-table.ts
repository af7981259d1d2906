import { createRequire } from "node:module";
import type Sdk from "tablestore";
import type { LocalCredentials } from "../../local/service.js";

// Kept out of the bundle: the SDK assigns undeclared variables, which strict code may not, and its use of the old
// Buffer() is only silent inside node_modules.
const TableStore: typeof Sdk = createRequire(import.meta.url)("tablestore");

/** The table that the demo fills. */
export interface TargetTable {
  create(): Promise<void>;
  /** Counts its rows from a key on, by reading the keys. */
  count(fromOrder: number): Promise<number>;
}

/** Where the table is. */
export interface TableAddress {
  readonly endpoint: string;
  readonly instance: string;
  readonly credentials: LocalCredentials;
}

/** Tablestore gives at most this many rows an answer. */
const MOST_ROWS = 5_000;

/** A table `orders` with the key `order_id`, reached with the official SDK. */
export function ordersTable({ endpoint, instance, credentials }: TableAddress): TargetTable {
  const client = new TableStore.Client({
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.accessKeySecret,
    endpoint,
    instancename: instance,
  });
  return {
    async create() {
      await client.createTable({
        tableMeta: {
          tableName: "orders",
          primaryKey: [{ name: "order_id", type: TableStore.PrimaryKeyType.INTEGER }],
        },
        reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
        tableOptions: { timeToLive: -1, maxVersions: 1 },
      });
    },
    async count(fromOrder) {
      let rows = 0;
      let from: Record<string, Sdk.int64> | null = { order_id: TableStore.Long.fromNumber(fromOrder) };
      while (from !== null) {
        const page: RangePage = (await client.getRange({
          tableName: "orders",
          direction: TableStore.Direction.FORWARD,
          inclusiveStartPrimaryKey: [from],
          exclusiveEndPrimaryKey: [{ order_id: TableStore.INF_MAX }],
          columnsToGet: ["order_id"],
          limit: MOST_ROWS,
          // The SDK's types lag behind what it answers.
        })) as unknown as RangePage;
        rows += page.rows.length;
        const [next] = page.nextStartPrimaryKey ?? [];
        from = next ? { [next.name]: next.value } : null;
      }
      return rows;
    },
  };
}

interface RangePage {
  readonly rows: readonly unknown[];
  readonly nextStartPrimaryKey: readonly { readonly name: string; readonly value: Sdk.int64 }[] | null;
}
