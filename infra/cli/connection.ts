import path from "node:path";
import { type Client, createClient } from "../../shared/api/client/client.js";
import type { ApiAddress } from "../../shared/api/client/send.js";
import { BadInput } from "./bad-input.js";
import type { Terminal } from "./terminal.js";

/** Options of every command that speaks to the API. */
export interface ConnectionOptions {
  readonly endpoint?: string;
  readonly token?: string;
  /** Data folder of the local cloud. */
  readonly data?: string;
  readonly workspace?: string;
}

/** A way to the API, open until closed. */
export interface Connection {
  readonly client: Client;
  /** Stops what was started for this connection. */
  close(): Promise<void>;
}

/** Where the local cloud keeps its data unless told otherwise. */
export const defaultDataFolder = ".sluice";

/** The data folder in force, absolute. */
export function dataFolder(options: ConnectionOptions, env: Terminal["env"]): string {
  return path.resolve(options.data ?? env.SLUICE_DATA ?? defaultDataFolder);
}

/**
 * Finds the API: the configured endpoint, else a local cloud that is already running on the data folder, else one started here.
 *
 * @throws BadInput when an endpoint is configured without a token
 */
export async function connectApi(options: ConnectionOptions, terminal: Terminal): Promise<Connection> {
  const workspace = options.workspace ?? terminal.env.SLUICE_WORKSPACE;
  const address = configuredAddress(options, terminal.env);
  if (address) return remote({ ...address, workspace });
  // Loaded at need: a command that speaks to the cloud has no use for a local one.
  const { startSluiceLocal, runningLocal } = await import("./local.js");
  const folder = dataFolder(options, terminal.env);
  const running = await runningLocal(folder);
  if (running) return remote({ ...running, workspace });
  const local = await startSluiceLocal({ folder });
  return { client: createClient({ ...local.address, workspace }), close: local.close };
}

function remote(address: ApiAddress): Connection {
  return { client: createClient(address), close: async () => {} };
}

function configuredAddress(options: ConnectionOptions, env: Terminal["env"]): ApiAddress | null {
  const endpoint = options.endpoint ?? env.SLUICE_ENDPOINT;
  if (!endpoint) return null;
  const token = options.token ?? env.SLUICE_TOKEN;
  if (!token) throw new BadInput(`no token for ${endpoint}`, "Give --token, or better, set SLUICE_TOKEN.");
  return { endpoint, token };
}
