import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OSS from "ali-oss";
import { createOss, ossServerOptions } from "../../../infra/local/oss/server.js";
import type { ObjectEvent, PlannedFailure, ServiceContext } from "../../../infra/local/service.js";
import { openStore, type Store } from "../../../infra/local/store/store.js";

export const credentials = {
  accountId: "1234567890",
  accessKeyId: "local-id",
  accessKeySecret: "local-secret",
  securityToken: "local-token",
};

export interface LocalOss {
  readonly port: number;
  readonly store: Store;
  /** Events of committed transactions only: they are written to the store by the emitter and counted from there. */
  readonly events: ObjectEvent[];
  readonly calls: { service: string; operation: string; resource: string; status: number }[];
  /** Faults to come, by operation. */
  readonly faults: Map<string, PlannedFailure[]>;
  /** What `context.now` gives; null = the machine's clock. */
  clock: { nowMs: number | null };
  client(options?: Partial<OSS.Options> & Record<string, unknown>): OSS;
  /** Closes and opens again, on the same folder. */
  restart(): Promise<LocalOss>;
  close(): Promise<void>;
}

/** A local OSS on a free port and a folder of its own. */
export async function startLocalOss(folder?: string): Promise<LocalOss> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), "local-oss-")));
  const store = await openStore(home, { sync: false });
  const events: ObjectEvent[] = [];
  const calls: LocalOss["calls"] = [];
  const faults = new Map<string, PlannedFailure[]>();
  const clock: LocalOss["clock"] = { nowMs: null };
  const context: ServiceContext = {
    store,
    credentials,
    region: "cn-hangzhou",
    now: () => clock.nowMs ?? Date.now(),
    faults: { take: (_service, operation) => faults.get(operation)?.shift() ?? null },
    onCall: (call) => calls.push(call),
  };
  const service = createOss(context, (_tx, event) => void events.push(event));
  const server = createServer(ossServerOptions, service.handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await service.close?.();
    await store.close();
  };
  return {
    port,
    store,
    events,
    calls,
    faults,
    clock,
    client: (options = {}) =>
      new OSS({
        endpoint: `http://localhost:${port}`,
        sldEnable: true,
        region: "oss-cn-hangzhou",
        bucket: "landing",
        accessKeyId: credentials.accessKeyId,
        accessKeySecret: credentials.accessKeySecret,
        ...options,
      } as OSS.Options),
    async restart() {
      await stop();
      return startLocalOss(home);
    },
    async close() {
      await stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
