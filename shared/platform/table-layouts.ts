import TableStore from "tablestore";
import { UserError } from "../model/errors.js";
import type { Credentials, Environment } from "./environment.js";
import { tablestoreCode } from "./tablestore-calls.js";

/** A column of a table's primary key; besides the types of our own tables there is `BINARY`. */
export interface LayoutKeyColumn {
  readonly name: string;
  readonly type: string;
}

/** Looks at tables as the service has them. */
export interface TableLayouts {
  /**
   * @returns the key columns in order; undefined when there is no such table
   * @throws UserError ACCESS_DENIED or SOURCE_UNREACHABLE
   */
  keyOf(table: string): Promise<readonly LayoutKeyColumn[] | undefined>;
}

/** Opens the view over the `tablestore` SDK. */
export function createTableLayouts({ tablestore }: Environment, credentials: Credentials): TableLayouts {
  const { endpoint, instance } = tablestore;
  const client = new TableStore.Client({
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.accessKeySecret,
    ...(credentials.securityToken ? { stsToken: credentials.securityToken } : {}),
    endpoint,
    instancename: instance,
    maxRetries: 0,
    httpOptions: { timeout: 10_000, maxSockets: 4 },
  });
  return {
    async keyOf(tableName) {
      try {
        // The declarations lack the answer's shape.
        const { tableMeta } = (await client.describeTable({ tableName })) as unknown as Described;
        return tableMeta.primaryKey.map(({ name, type }) => ({ name, type: keyTypes[type] ?? String(type) }));
      } catch (cause) {
        const code = tablestoreCode(cause);
        if (code.startsWith("OTSObjectNotExist")) return undefined;
        const where = `Tablestore instance ${instance} at ${endpoint}`;
        if (code === "") throw new UserError("SOURCE_UNREACHABLE", `${where} does not answer`, { cause });
        throw new UserError("ACCESS_DENIED", `${where} refused to describe ${tableName}: ${code}`, { cause });
      }
    },
  };
}

interface Described {
  readonly tableMeta: { readonly primaryKey: readonly { readonly name: string; readonly type: number }[] };
}

/** The protocol's numbers. */
const keyTypes: Readonly<Record<number, string>> = { 1: "INTEGER", 2: "STRING", 3: "BINARY" };
