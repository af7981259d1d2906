import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A small MaxCompute: one project `shop` with a table `orders`, and one `shop_closed` that may not be listed. */
export interface FakeMaxcompute {
  readonly server: Server;
  /** Address of its REST interface. */
  readonly endpoint: string;
}

/** Starts one on loopback that checks the signature of every call. */
export async function fakeMaxcompute(key: { accessId: string; accessKey: string }): Promise<FakeMaxcompute> {
  const refuse = (code: string, message: string) =>
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message><![CDATA[${message}]]></Message></Error>`;
  const server = createServer((request, response) => {
    const answer = (status: number, body: string) => response.writeHead(status).end(body);
    if (!isSigned(request, key)) return answer(401, refuse("ODPS-0410042", "Invalid signature"));
    if (!request.url?.startsWith("/api/projects/shop")) return answer(404, refuse("ODPS-0420111", "Project not found"));
    if (request.url.includes("shop_closed")) return answer(403, refuse("ODPS-0420095", "Access Denied"));
    if (request.headers["authorization-sts-token"] === "token-of-yesterday")
      return answer(401, refuse("Unauthorized", "expired"));
    return answer(200, "<Tables><Marker/><MaxItems>1</MaxItems><Table><Name>orders</Name></Table></Tables>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api` };
}

/** The service's side of the signature, from the request as it arrived. */
function isSigned(
  { method, url = "", headers }: IncomingMessage,
  { accessId, accessKey }: { accessId: string; accessKey: string },
): boolean {
  const [path = "", query = ""] = url.split("?");
  const sorted = query.split("&").sort().join("&");
  const resource = `${path.replace(/^\/api/, "")}?${sorted}`;
  const own = Object.entries(headers).filter(([name]) => name.startsWith("x-odps-"));
  const signed = own.map(([name, value]) => `${name}:${value}`).sort();
  const text = [method, "", "", headers.date, ...signed, resource].join("\n");
  const expected = createHmac("sha1", accessKey).update(text).digest("base64");
  return headers.authorization === `ODPS ${accessId}:${expected}`;
}
