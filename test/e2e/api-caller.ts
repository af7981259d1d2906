import type { Role } from "../../shared/model/identity.js";
import { type Answer, callApi } from "../servers/call-api.js";
import type { TestSluice } from "../servers/sluice.js";

/** As whom to call: the installation's own token unless told otherwise. */
export interface As {
  /** null = no Authorization header at all. */
  readonly token?: string | null;
  readonly workspace?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the API as somebody; text bodies are sent as they are. */
export function callAs(
  { cloud, token }: TestSluice,
  as: As,
  [method, url]: readonly [string, string],
  body?: unknown,
): Promise<Answer> {
  const workspace = as.workspace === undefined ? {} : { "x-sluice-workspace": as.workspace };
  return callApi({
    ...{ endpoint: cloud.endpoints.api, token: as.token === undefined ? token : as.token, method, url, body },
    headers: { ...workspace, ...as.headers },
  });
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
