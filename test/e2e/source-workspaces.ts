import { randomBytes } from "node:crypto";
import type { Answer } from "../servers/call-api.js";
import { job, runsOver, type TestSluice } from "../servers/sluice.js";
import { type As, callAs } from "./api-caller.js";

/** Calls the API in one workspace. */
export type Caller = (method: string, path: string, body?: unknown, headers?: As["headers"]) => Promise<Answer>;

/** A caller with a token, the root's unless given, in a workspace. */
export function callerIn(sluice: TestSluice, workspace: string, token = sluice.token): Caller {
  return (method, path, body, headers = {}) => callAs(sluice, { workspace, token, headers }, [method, path], body);
}

/** A workspace of a test's own. */
export interface OwnWorkspace {
  readonly name: string;
  readonly call: Caller;
  /** Waits until a run of the workspace has ended. */
  readonly ended: TestSluice["ended"];
}

/** Makes a workspace with a random name. */
export async function newWorkspace(sluice: TestSluice, mode: "basic" | "standard"): Promise<OwnWorkspace> {
  const name = `w${randomBytes(5).toString("hex")}`;
  const { status, text } = await sluice.call("POST", "/v1/workspaces", { name, mode });
  if (status !== 201) throw new Error(text);
  const call = callerIn(sluice, name);
  return { name, call, ended: runsOver(call).ended };
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
