import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { createCallers } from "../../../../infra/local/callers.js";
import { roleCredentials } from "../../../../infra/local/credentials.js";

const account = { accountId: "1", accessKeyId: "LTAIx", accessKeySecret: "secret", securityToken: "token" };

/** Serves a request as far as its headers and url go, and tells whose credentials were in force. */
function credentialsFor(headers: Record<string, string>, url = "/"): string {
  const callers = createCallers(account, new Set(["shard"]));
  let seen = "";
  // The register looks at headers and url only.
  const request = { headers, url } as unknown as IncomingMessage;
  const service = {
    handle() {
      seen = callers.credentials.accessKeySecret;
    },
  };
  callers.handle(service, request, {} as ServerResponse);
  return seen;
}

test("A request is checked against the credentials of the role that it names, in each service's form.", () => {
  const role = roleCredentials(account, "shard").accessKeySecret;
  expect(credentialsFor({ authorization: "FC STS.shard:sig" })).toBe(role);
  expect(credentialsFor({ authorization: "OSS STS.shard:sig" })).toBe(role);
  expect(credentialsFor({ authorization: "OSS4-HMAC-SHA256 Credential=STS.shard/20300101/r/oss/x,Signature=y" })).toBe(
    role,
  );
  expect(credentialsFor({ "x-ots-accesskeyid": "STS.shard" })).toBe(role);
  expect(credentialsFor({}, "/b/k?OSSAccessKeyId=STS.shard&Signature=z")).toBe(role);
  expect(credentialsFor({}, "/b/k?x-oss-credential=STS.shard%2F20300101%2Fr")).toBe(role);
  expect(credentialsFor({ authorization: "FC LTAIx:sig" })).toBe("secret");
  expect(credentialsFor({ authorization: "FC STS.nobody:sig" })).toBe("secret");
  expect(credentialsFor({})).toBe("secret");
});

test("Calls that were alike are counted as one.", () => {
  const callers = createCallers(account, new Set());
  const call = { service: "oss", operation: "GetObject", resource: "b/k", status: 200 };
  callers.onCall(call);
  callers.onCall({ ...call, status: 404 });
  callers.onCall({ ...call, resource: "b/other" });
  expect(callers.calls()).toEqual([
    { caller: null, ...call, status: 404, count: 2 },
    { caller: null, ...call, resource: "b/other", count: 1 },
  ]);
});

test("An instance that signs with the key of a data source is known by its mark, and acts for nobody else", () => {
  const callers = createCallers(account, new Set(["shard"]));
  const seen: unknown[] = [];
  const service = { handle: () => void seen.push([callers.current(), callers.credentials.accessKeySecret]) };
  const serve = (headers: Record<string, string>) => {
    // The register looks at headers and url only.
    const request = { headers, url: "/" } as unknown as IncomingMessage;
    callers.handle(service, request, {} as ServerResponse);
  };
  serve({ authorization: "OSS LTAIx:sig", "x-local-instance": "shard.c-1" });
  serve({ authorization: "OSS STS.shard.c-2:sig", "x-local-instance": "shard.c-1" });
  serve({ authorization: "OSS LTAIx:sig", "x-local-instance": "nobody.c-1" });
  const role = roleCredentials(account, "shard").accessKeySecret;
  expect(seen).toEqual([
    [{ functionName: "shard", instanceId: "c-1" }, "secret"],
    [{ functionName: "shard", instanceId: "c-2" }, role],
    [null, "secret"],
  ]);
});
