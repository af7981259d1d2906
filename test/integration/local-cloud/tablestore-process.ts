import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openStore } from "../../../infra/local/store/store.js";
import { createTablestore } from "../../../infra/local/tablestore/server.js";

// A Tablestore in a process of its own, so that a test can kill it. Arguments: folder, access key, secret.
const [, , folder = "", accessKeyId = "", accessKeySecret = ""] = process.argv;

async function main(): Promise<void> {
  const service = createTablestore({
    store: await openStore(folder),
    credentials: { accountId: "1000", accessKeyId, accessKeySecret, securityToken: "" },
    region: "local",
    now: Date.now,
    faults: { take: () => null },
  });
  const server = createServer(service.handle);
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.on("disconnect", () => process.exit(0));
}

void main();
