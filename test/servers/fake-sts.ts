import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { isSigned, type StsKey } from "./acs3-signed.js";

/** A small STS that knows AssumeRole; written from the documentation, so it proves no more than that both sides agree. */
export interface FakeSts {
  readonly endpoint: string;
  /** Parameters of the calls that were signed well, in their order. */
  readonly asked: Readonly<Record<string, string>>[];
  /** Answers to the next calls in place of the usual. */
  readonly failures: { status: number; body: object }[];
  /** Makes the key that a call gets; tests change it. */
  issue: () => StsKey & { livesMs: number };
  close(): Promise<void>;
}

/** Starts one that admits a single key. */
export async function startFakeSts(own: StsKey): Promise<FakeSts> {
  const asked: FakeSts["asked"] = [];
  const failures: FakeSts["failures"] = [];
  let issued = 0;
  const server = createServer((request, response) => {
    const { status, body } = failures.shift() ?? answer(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sts: FakeSts = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ asked, failures },
    issue: () => {
      issued += 1;
      const securityToken = `token+/=${issued}`;
      return { accessKeyId: `STS.${issued}`, accessKeySecret: `secret-${issued}`, securityToken, livesMs: 3_600_000 };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function answer(request: IncomingMessage): { status: number; body: object } {
    const { headers, url = "" } = request;
    if (!isSigned(request, own)) return { status: 400, body: refusal("SignatureDoesNotMatch", `signed: ${url}`) };
    if (headers["x-acs-action"] !== "AssumeRole" || headers["x-acs-version"] !== "2015-04-01")
      return { status: 404, body: refusal("InvalidAction.NotFound", "no such action") };
    const parameters = Object.fromEntries(new URL(url, "http://sts").searchParams);
    const duration = Number(parameters.DurationSeconds);
    if (!(duration >= 900 && duration <= 3600) || !/^[\w.@-]{2,64}$/.test(parameters.RoleSessionName ?? ""))
      return { status: 400, body: refusal("InvalidParameter", "out of range") };
    asked.push(parameters);
    const { accessKeyId, accessKeySecret, securityToken, livesMs } = sts.issue();
    const Expiration = new Date(Date.now() + livesMs).toISOString().replace(/\.\d{3}Z$/, "Z");
    const Credentials = { AccessKeyId: accessKeyId, AccessKeySecret: accessKeySecret, SecurityToken: securityToken };
    return { status: 200, body: { RequestId: "r", Credentials: { ...Credentials, Expiration } } };
  }

  return sts;
}

function refusal(Code: string, Message: string): object {
  return { RequestId: "r", Code, Message };
}
