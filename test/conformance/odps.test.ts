import { odps } from "../../shared/connectors/odps/index.js";
import { fakeMaxcompute } from "../servers/fake-maxcompute.js";
import { conformance } from "./suite.js";

conformance(
  odps,
  async () => {
    const key = { accessId: "LTAItest", accessKey: "right-secret-8" };
    const { server, endpoint } = await fakeMaxcompute(key);
    const source = { endpointMode: "Custom", endpoint, project: "shop", ...key };
    return {
      source,
      wrongPassword: { ...source, accessKey: "wrong-secret-9" },
      closedPort: { ...source, endpoint: "http://127.0.0.1:1/api" },
      failing: {
        "an unknown project": { ...source, project: "other" },
        "a project that may not be listed": { ...source, project: "shop_closed" },
        "an old token": { ...source, securityToken: "token-of-yesterday" },
      },
      close: async () => void server.close(),
    };
  },
  { modes: [] },
);
