import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { InternalError, TransientError } from "../../shared/model/errors.js";
import type { Environment } from "../../shared/platform/environment.js";
import { createInvoker } from "../../shared/platform/invoker.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** An invoker of a platform that answers as told; `seen` are the requests' paths and bodies. */
async function invokerOf(
  answer: (response: ServerResponse, number: number, request: IncomingMessage) => void,
  turnMs?: number,
) {
  const seen: { url: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ url: request.url ?? "", body });
    answer(response, seen.length, request);
  });
  servers.push(server.listen(0, "127.0.0.1"));
  await new Promise((resolve) => server.once("listening", resolve));
  const fcEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // Nothing else of the environment matters to invocations.
  const environment = { stage: "dev", region: "cn-hangzhou", accountId: "1", fcEndpoint } as Environment;
  const invoker = createInvoker(environment, { accessKeyId: "k", accessKeySecret: "s", securityToken: "" }, turnMs);
  return { invoker, seen };
}

describe("a synchronous call", () => {
  it("names the function, and gives what it returned", async () => {
    const { invoker, seen } = await invokerOf((response) => response.end('{"value":[1]}'));
    expect(await invoker.call("shard-vpc", { kind: "test" })).toEqual({ value: [1] });
    expect(seen).toEqual([{ url: "/2023-03-30/functions/sluice-dev-shard-vpc/invocations", body: '{"kind":"test"}' }]);
  });

  it("takes an answer that is declared to be JSON just as well", async () => {
    const { invoker } = await invokerOf((response) => {
      response.setHeader("content-type", "application/json");
      response.end('{"value":2}');
    });
    expect(await invoker.call("shard", {})).toEqual({ value: 2 });
  });

  it("recognises a function that failed behind the status 200, and does not tell what it threw", async () => {
    const { invoker, seen } = await invokerOf((response) => {
      response.setHeader("x-fc-error-type", "UnhandledInvocationError");
      response.setHeader("x-fc-request-id", "r-7");
      response.setHeader("content-type", "application/json");
      response.end('{"errorMessage":"the password is hunter2","errorType":"Error"}');
    });
    const error = await invoker.call("shard", {}).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InternalError);
    expect(String(error)).toContain("UnhandledInvocationError in request r-7");
    expect(String(error)).not.toContain("hunter2");
    expect(seen).toHaveLength(1);
  });

  it("waits for its turn while the function has no room, for ten seconds unless it is told otherwise", async () => {
    const busy = (response: ServerResponse) => {
      response.statusCode = 429;
      response.end('{"ErrorCode":"ResourceExhausted","ErrorMessage":"no instance"}');
    };
    const { invoker } = await invokerOf((response, number) =>
      number < 4 ? busy(response) : response.end('{"value":3}'),
    );
    expect(await invoker.call("shard", {})).toEqual({ value: 3 });
    const never = await invokerOf(busy, 1500);
    const begun = Date.now();
    const error = await never.invoker.call("shard-vpc", {}).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: "SOURCE_BUSY", message: expect.stringMatching(/shard-vpc .*waited 1.5 s/) });
    expect(Date.now() - begun).toBeGreaterThan(1000);
    expect(never.seen.length).toBeGreaterThan(1);
  });

  it("is repeated when the platform trips over it, and given up as busy", async () => {
    const broken = (response: ServerResponse) => {
      response.statusCode = 503;
      response.end("{}");
    };
    const { invoker, seen } = await invokerOf((response, number) =>
      number < 3 ? broken(response) : response.end('{"value":3}'),
    );
    expect(await invoker.call("shard", {})).toEqual({ value: 3 });
    expect(seen).toHaveLength(3);
    const never = await invokerOf(broken);
    await expect(never.invoker.call("shard", {})).rejects.toMatchObject({ code: "SOURCE_BUSY" });
  });

  it("is our bug when there is no such function", async () => {
    const { invoker, seen } = await invokerOf((response) => {
      response.statusCode = 404;
      response.end("{}");
    });
    await expect(invoker.call("shard", {})).rejects.toThrow(InternalError);
    expect(seen).toHaveLength(1);
  });
});

describe("a question about an asynchronous invocation", () => {
  it.each([
    ["Enqueued", "waiting"],
    ["Running", "waiting"],
    ["Succeeded", "ended"],
    ["Failed", "ended"],
    ["Expired", "ended"],
    [undefined, "untold"],
  ])("understands the platform's word for it: %s", async (status, expected) => {
    const { invoker, seen } = await invokerOf((response) => response.end(JSON.stringify({ taskId: "t-1", status })));
    expect(await invoker.taskState("shard", "t-1")).toBe(expected);
    expect(seen[0]?.url).toBe("/2023-03-30/functions/sluice-dev-shard/async-tasks/t-1");
  });

  it.each([
    [404, "unheardOf"],
    [403, "untold"],
    [500, "untold"],
  ])("tells an id that was never heard of from an answer that was refused: %d", async (status, expected) => {
    const { invoker } = await invokerOf((response) => {
      response.statusCode = status;
      response.end('{"errorCode":"Whatever","errorMessage":"no"}');
    });
    expect(await invoker.taskState("shard", "t-1")).toBe(expected);
  });
});
