import { authorization } from "../../shared/connectors/odps/wire/signature.js";
import type { LocalMaxcompute } from "./local-maxcompute.js";

/** Where a small client of the tests' own goes. */
export type Place = Pick<LocalMaxcompute, "endpoint" | "key">;

interface Asked {
  readonly method?: string;
  /** Below the endpoint, such as `/projects/shop`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** One signed request, by hand: not with the connector's client. */
export async function ask({ endpoint, key }: Place, asked: Asked): Promise<Answer> {
  const { method = "GET", path, query = {}, body, headers = {} } = asked;
  const signed = { date: new Date().toUTCString(), ...headers };
  const signer = { accessKeyId: key.accessId, accessKeySecret: key.accessKey, region: null, now: Date.now() };
  const signature = authorization(signer, { method, resource: path, query, headers: signed });
  const url = `${endpoint}${encodeURI(path)}?${new URLSearchParams(query)}`;
  const sent = { ...signed, authorization: signature, connection: "close" };
  const init = { method, headers: sent, ...(body !== undefined && { body: new Uint8Array(Buffer.from(body)) }) };
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

/** Makes a project, as the console would. */
export async function makeProject(
  place: Place,
  project: string,
  properties: Readonly<Record<string, string>> = {},
): Promise<void> {
  const shown = Object.entries(properties).map(([name, value]) => {
    return `<Property><Name>${name}</Name><Value>${value}</Value></Property>`;
  });
  const body = `<Project><Name>${project}</Name><Properties>${shown.join("")}</Properties></Project>`;
  const { status, body: answer } = await ask(place, { method: "PUT", path: `/projects/${project}`, body });
  if (status !== 200) throw new Error(answer.toString());
}

/** Runs a statement. @returns the text of its result; a query's is CSV @throws the service's words when it failed */
export async function sql(place: Place, project: string, statement: string): Promise<string> {
  const job = `<Instance><Job><Tasks><SQL><Name>AnonymousSQLTask</Name><Query><![CDATA[${statement};]]></Query></SQL></Tasks></Job></Instance>`;
  const path = `/projects/${project}/instances`;
  const headers = { "content-type": "application/xml" };
  const made = await ask(place, { method: "POST", path, body: job, headers });
  if (made.status !== 201) throw new Error(made.body.toString());
  const id = made.headers.get("location")?.split("/").at(-1);
  const { body } = await ask(place, { path: `${path}/${id}`, query: { result: "" } });
  const text = body.toString();
  const [, result = ""] = /<!\[CDATA\[([\s\S]*)\]\]>/.exec(text) ?? [];
  if (text.includes("<Status>Failed</Status>")) throw new Error(result);
  return result;
}
