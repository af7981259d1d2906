import { authorization } from "../../../shared/connectors/odps/wire/signature.js";
import type { LocalCredentials } from "../service.js";

/** Where a statement runs, and as whom. */
export interface SqlPlace {
  /** With the path `/api`. */
  readonly endpoint: string;
  readonly project: string;
  readonly credentials: Pick<LocalCredentials, "accessKeyId" | "accessKeySecret">;
}

/**
 * Runs a statement on a local MaxCompute, over HTTP as any client would.
 *
 * @returns the text of the result; that of a query is CSV with a header
 * @throws Error with the service's words when the statement fails
 */
export async function runLocalSql(place: SqlPlace, statement: string): Promise<string> {
  const task = `<SQL><Name>AnonymousSQLTask</Name><Query><![CDATA[${statement};]]></Query></SQL>`;
  const body = `<Instance><Job><Tasks>${task}</Tasks></Job></Instance>`;
  const path = `/projects/${place.project}/instances`;
  const made = await ask(place, { method: "POST", resource: path, query: {}, body });
  const id = made.headers.get("location")?.split("/").at(-1) ?? "";
  const answer = await ask(place, { method: "GET", resource: `${path}/${id}`, query: { result: "" } });
  const text = await answer.text();
  const [, result = ""] = /<!\[CDATA\[([\s\S]*)\]\]>/.exec(text) ?? [];
  if (text.includes("<Status>Failed</Status>")) throw new Error(result);
  return result;
}

interface Asked {
  readonly method: "GET" | "POST";
  readonly resource: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function ask({ endpoint, credentials }: SqlPlace, { method, resource, query, body }: Asked): Promise<Response> {
  const headers: Record<string, string> = { date: new Date().toUTCString(), "content-type": "application/xml" };
  const signer = { ...credentials, region: null, now: Date.now() };
  headers.authorization = authorization(signer, { method, resource, query, headers });
  const url = `${endpoint}${resource}?${new URLSearchParams(query)}`;
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
  if (response.ok) return response;
  throw new Error(`the local MaxCompute answered ${response.status}: ${await response.text()}`);
}
