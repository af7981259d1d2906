import type { Role } from "../../shared/model/identity.js";
import type { Answer, TestSluice } from "../servers/sluice.js";

/** As whom to call: the installation's own token unless told otherwise. */
export interface As {
  /** null = no Authorization header at all. */
  readonly token?: string | null;
  readonly workspace?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the API as somebody; text bodies are sent as they are. */
export async function callAs(sluice: TestSluice, as: As, [method, url]: readonly [string, string], body?: unknown) {
  const token = as.token === undefined ? sluice.token : as.token;
  const response = await fetch(`${sluice.cloud.endpoints.api}${url}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(as.workspace === undefined ? {} : { "x-sluice-workspace": as.workspace }),
      ...as.headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /[/+]json$/.test(response.headers.get("content-type") ?? "");
  const answer: Answer = {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : text,
  };
  return answer;
}

/** Makes a workspace unless it is there. */
export async function makeWorkspace(sluice: TestSluice, name: string, mode = "basic"): Promise<void> {
  const { status, text } = await callAs(sluice, {}, ["POST", "/v1/workspaces"], { name, mode });
  if (status !== 201 && status !== 409) throw new Error(`no workspace: ${text}`);
}

/** Makes a token with a role and returns its text. */
export async function tokenFor(sluice: TestSluice, role: Role, as: As = {}): Promise<string> {
  if (as.workspace !== undefined) await makeWorkspace(sluice, as.workspace);
  const answer = await callAs(sluice, as, ["POST", "/v1/tokens"], { name: `a ${role}`, role });
  if (answer.status !== 201) throw new Error(`no token: ${answer.text}`);
  return answer.body.token;
}
