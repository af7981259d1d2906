import http from "node:http";
import https from "node:https";
import { guardedAgent } from "../network/agent.js";
import { keyGiver } from "../network/cloud-key.js";
import { endpointOf, type MaxcomputeSource } from "./source.js";
import { authorization } from "./wire/signature.js";

/** An answer that is no success. */
export class MaxcomputeFailure extends Error {
  constructor(
    readonly status: number,
    /** Such as `ODPS-0420111`; empty when the answer has none. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "MaxcomputeFailure";
  }
}

/**
 * Lists the first table of the project.
 *
 * @returns its name; null when there is none
 * @throws MaxcomputeFailure, the network's error; SluiceError when no key is to be had
 */
export async function firstTable(source: MaxcomputeSource, signal: AbortSignal): Promise<string | null> {
  const resource = `/projects/${encodeURIComponent(source.project)}/tables`;
  const query = { expectmarker: "true", maxitems: "1" };
  const { status, text } = await get(source, { resource, query }, signal);
  if (status === 200) return /<Table>[\s\S]*?<Name>([^<]*)<\/Name>/.exec(text)?.[1] ?? null;
  const found = (name: string) => new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([^<\\]]*)`).exec(text)?.[1]?.trim() ?? "";
  throw new MaxcomputeFailure(status, found("Code"), found("Message") || `the service answered ${status}`);
}

interface Asked {
  readonly resource: string;
  readonly query: Readonly<Record<string, string>>;
}

async function get(source: MaxcomputeSource, { resource, query }: Asked, signal: AbortSignal) {
  const key = await keyGiver(source)();
  const headers: Record<string, string> = { date: new Date().toUTCString() };
  if (key.securityToken !== "") headers["authorization-sts-token"] = key.securityToken;
  headers.authorization = authorization(
    { ...key, region: null, now: Date.now() },
    { method: "GET", resource, query, headers },
  );
  const url = new URL(`${endpointOf(source)}${resource}?${new URLSearchParams(query)}`);
  const agent = guardedAgent(url.protocol, { keepAlive: false });
  const { request } = url.protocol === "https:" ? https : http;
  return await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(url, { headers, agent, signal }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        if (text.length < MAX_ANSWER) text += part;
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.once("error", reject);
    });
    sent.once("error", reject);
    sent.end();
  });
}

/** Characters of an answer that are looked at. */
const MAX_ANSWER = 100_000;
