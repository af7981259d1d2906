import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A temporary key, or the one that asks for it. */
export interface StsKey {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string;
}

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

/** Recomputes the signature (ACS3-HMAC-SHA256) from the request as it arrived. */
function isSigned({ headers, method, url = "" }: IncomingMessage, own: StsKey): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const [, key, names = "", signature] =
    /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? "",
    ) ?? [];
  const signed = names.split(";");
  const needed = ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce"];
  if (key !== own.accessKeyId || ![...needed, "x-acs-security-token"].every((name) => signed.includes(name)))
    return false;
  const lines = signed.map((name) => `${name}:${headers[name]}\n`).join("");
  const request = [method, "/", url.slice(2), lines, names, hash("")].join("\n");
  const text = `ACS3-HMAC-SHA256\n${hash(request)}`;
  const age = Math.abs(Date.now() - Date.parse(String(headers["x-acs-date"])));
  const isRight = createHmac("sha256", own.accessKeySecret).update(text).digest("hex") === signature;
  return isRight && headers["x-acs-security-token"] === own.securityToken && age < 900_000;
}
