/** A local OSS in a process of its own, to be killed: `oss-process.cjs <folder>` sends its port to the parent. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createOss, ossServerOptions } from "../../../infra/local/oss/server.js";
import { openStore } from "../../../infra/local/store/store.js";

const credentials = {
  accountId: "1234567890",
  accessKeyId: "local-id",
  accessKeySecret: "local-secret",
  securityToken: "local-token",
};

async function main(): Promise<void> {
  const store = await openStore(process.argv[2] ?? "");
  const context = { store, credentials, region: "cn-hangzhou", now: Date.now, faults: { take: () => null } };
  const service = createOss(context, (tx, event) => tx.put(Buffer.from(`event ${event.key}`), Buffer.from(event.eTag)));
  const server = createServer(ossServerOptions, service.handle);
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.once("SIGTERM", () => {
    server.close();
    server.closeAllConnections();
    void Promise.resolve(service.close?.())
      .then(() => store.close())
      .then(() => process.exit(0));
  });
}

void main();
