import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFaults, type FaultList } from "../../infra/local/fault-list.js";
import { createMaxcompute } from "../../infra/local/maxcompute/server.js";
import { openStore } from "../../infra/local/store/store.js";
import type { JsonObject } from "../../shared/model/json.js";

/** The local MaxCompute by itself. */
export interface LocalMaxcompute {
  /** With the path `/api`. */
  readonly endpoint: string;
  readonly key: { readonly accessId: string; readonly accessKey: string };
  readonly faults: FaultList;
  /** Connection properties of a project. */
  source(project?: string): JsonObject;
  /** What its clock shows, epoch ms; null = the machine's time. */
  setClock(ms: number | null): void;
  /** How many connections it has. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** Starts one on a free port, on a store of its own. */
export async function startLocalMaxcompute(): Promise<LocalMaxcompute> {
  const folder = await mkdtemp(join(tmpdir(), "maxcompute-"));
  const store = await openStore(folder, { sync: false });
  const key = { accessId: "LTAIlocal", accessKey: "right-secret-8" };
  const faults = createFaults();
  let clock: number | null = null;
  const service = createMaxcompute({
    ...{ store, faults, region: "cn-hangzhou", now: () => clock ?? Date.now() },
    credentials: {
      ...{ accountId: "1000", accessKeyId: key.accessId, accessKeySecret: key.accessKey },
      securityToken: "token-of-today",
    },
  });
  const server = createServer((request, response) => service.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  return {
    ...{ endpoint, key, faults },
    source: (project = "sluice_dev") => ({ endpointMode: "Custom", endpoint, project, ...key }),
    setClock: (ms) => {
      clock = ms;
    },
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await service.close?.();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
