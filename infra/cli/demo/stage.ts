import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Client, createClient } from "../../../shared/api/client/client.js";
import type { JsonObject } from "../../../shared/model/json.js";
import { runLocalSql } from "../../local/maxcompute/run-sql.js";
import { type SluiceLocal, startSluiceLocal } from "../local.js";
import { localOss } from "../local-oss.js";
import { ordersTable, type TargetTable } from "./target-table.js";

/** What the demo plays on: a local cloud in a folder of its own, and the two systems between which it moves orders. */
export interface DemoStage {
  readonly local: SluiceLocal;
  readonly client: Client;
  readonly table: TargetTable;
  /** Puts text into a bucket of the local OSS. */
  upload(bucket: string, key: string, text: string): Promise<void>;
  /** Connection properties of a bucket of the local OSS. */
  bucketProperties(bucket: string): JsonObject;
  /** Connection properties of the shop's Tablestore instance. */
  tableProperties(): JsonObject;
  /** Connection properties of the shop's project in MaxCompute. */
  projectProperties(): JsonObject;
  /** Runs SQL in that project. */
  sql(statement: string): Promise<string>;
  /** Stops the local cloud and removes its folder. */
  close(): Promise<void>;
}

/** The project that the local MaxCompute has from the start. */
const PROJECT = "sluice_dev";

/** The shop's bucket and the shop's Tablestore instance. */
export const shop = "shop";

/** Starts the local cloud in a fresh temporary folder. */
export async function openStage(): Promise<DemoStage> {
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-demo-"));
  try {
    return stageOf(await startSluiceLocal({ folder }), folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function stageOf(local: SluiceLocal, folder: string): DemoStage {
  const { endpoints, credentials } = local;
  const keys = { accessId: credentials.accessKeyId, accessKey: credentials.accessKeySecret };
  const oss = localOss(endpoints.oss, credentials);
  return {
    local,
    client: createClient(local.address),
    table: ordersTable({ endpoint: endpoints.tablestore, instance: shop, credentials }),
    async upload(bucket, key, text) {
      await oss.putBucket(bucket);
      oss.useBucket(bucket);
      await oss.put(key, Buffer.from(text));
    },
    bucketProperties: (bucket) => ({ endpoint: endpoints.oss, bucket, ...keys }),
    tableProperties: () => ({ endpoint: endpoints.tablestore, instanceName: shop, ...keys }),
    projectProperties: () => ({ endpointMode: "Custom", endpoint: endpoints.maxcompute, project: PROJECT, ...keys }),
    sql: (statement) => runLocalSql({ endpoint: endpoints.maxcompute, project: PROJECT, credentials }, statement),
    async close() {
      await local.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
