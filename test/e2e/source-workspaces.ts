import { randomBytes } from "node:crypto";
import { type Answer, job, type TestSluice } from "../servers/sluice.js";

/** Calls the API in one workspace. */
export type Caller = (method: string, path: string, body?: unknown, headers?: object) => Promise<Answer>;

/** A caller with a token, the root's unless given, in a workspace. */
export function callerIn({ cloud, token }: TestSluice, workspace: string, ownToken = token): Caller {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${cloud.endpoints.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ownToken}`,
        "content-type": "application/json",
        "x-sluice-workspace": workspace,
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json$/.test((response.headers.get("content-type") ?? "").replace("ndjson", ""));
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text };
  };
}

/** Makes a workspace with a random name and returns its caller. */
export async function newWorkspace(
  sluice: TestSluice,
  mode: "basic" | "standard",
): Promise<{ name: string; call: Caller }> {
  const name = `w${randomBytes(5).toString("hex")}`;
  const { status, text } = await sluice.call("POST", "/v1/workspaces", { name, mode });
  if (status !== 201) throw new Error(text);
  return { name, call: callerIn(sluice, name) };
}

/** Properties of a MySQL data source that nobody connects to. */
export const someMysql = {
  host: "db.example.com",
  port: 3306,
  database: "shop",
  username: "sync",
  password: "s3cret-pw",
};

/** A stored job that copies between two MySQL data sources. */
export function copyJob(from: string, to: string): { script: object } {
  const table = { table: "orders", column: ["id", "name"] };
  return { script: job(["mysql", { datasource: from, ...table }], ["mysql", { datasource: to, ...table }]) };
}
