import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OSS from "ali-oss";
import { createOss, ossServerOptions } from "../../infra/local/oss/server.js";
import type { PlannedFailure } from "../../infra/local/service.js";
import { openStore } from "../../infra/local/store/store.js";
import type { OssSource } from "../../shared/connectors/oss/source.js";

export interface OssPlace {
  readonly source: OssSource;
  /** The unmodified SDK, for filling and looking. */
  readonly client: OSS;
  /** The key that the server knows; tests that change it find `client` refused. */
  readonly credentials: { accessKeyId: string; accessKeySecret: string; securityToken: string };
  /** Operations answered so far. */
  readonly calls: string[];
  readonly server: Server;
  /** Hands one fault to the next call of an operation. */
  fault(operation: string, fault: PlannedFailure): void;
  keys(prefix?: string): Promise<string[]>;
  text(key: string): Promise<string>;
  close(): Promise<void>;
}

/** An OSS of the local cloud on a port of its own, with one bucket. */
export async function startOss(): Promise<OssPlace> {
  const folder = await mkdtemp(join(tmpdir(), "oss-connector-"));
  const store = await openStore(folder, { sync: false });
  const credentials = { accountId: "1", accessKeyId: "local-id", accessKeySecret: "local-secret", securityToken: "t" };
  const faults = new Map<string, PlannedFailure[]>();
  const calls: string[] = [];
  const service = createOss(
    {
      ...{ store, credentials, region: "cn-hangzhou", now: Date.now },
      faults: { take: (_service, operation) => faults.get(operation)?.shift() ?? null },
      onCall: ({ operation }) => void calls.push(operation),
    },
    () => undefined,
  );
  const server = createServer(ossServerOptions, (request, response) => service.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = {
    accessKeyId: "local-id",
    accessKeySecret: "local-secret",
    endpoint,
    bucket: "lake",
    sldEnable: true,
  };
  const client = new OSS(options as OSS.Options);
  await client.putBucket("lake");
  const source: OssSource = {
    ...{ endpoint, bucket: "lake", authType: "Ak", accessId: "local-id", accessKey: "local-secret", cname: false },
  };
  return {
    ...{ source, client, credentials, calls, server },
    fault: (operation, fault) => void faults.set(operation, [...(faults.get(operation) ?? []), fault]),
    async keys(prefix = "") {
      // The SDK's type demands every parameter that the API knows.
      const page = await client.listV2({ prefix, "max-keys": "1000" } as OSS.ListV2ObjectsQuery);
      return (page.objects ?? []).map(({ name }) => name).sort();
    },
    text: async (key) => (await client.get(key)).content.toString("utf8"),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await service.close?.();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
