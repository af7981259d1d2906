import { Agent as HttpAgent } from "node:http";
import { type AgentOptions, Agent as HttpsAgent } from "node:https";
import type { NetConnectOpts, Socket } from "node:net";
import { networkGuard, tellNoAddress } from "./guard.js";

type Callback = (error: Error | null, socket?: Socket) => void;
type CreateConnection = (options: NetConnectOpts, callback: Callback) => Socket | undefined;

/**
 * An agent whose connections pass the guard of this process; keeps them open for reuse.
 *
 * @param protocol  `http:` or `https:`
 */
export function guardedAgent(protocol: string, options: AgentOptions = {}): HttpAgent | HttpsAgent {
  const agent = new (protocol === "https:" ? HttpsAgent : HttpAgent)({ keepAlive: true, ...options });
  // Documented, but missing from the declarations of this Node version.
  const open = agent as unknown as { createConnection: CreateConnection };
  const create = open.createConnection.bind(agent);
  open.createConnection = (target, callback) => {
    const guard = networkGuard();
    try {
      if ("host" in target && target.host) guard.checkLiteral(target.host);
    } catch (error) {
      callback(error as Error); // the check throws nothing else
      return undefined;
    }
    const socket = create({ ...target, lookup: guard.lookup } as NetConnectOpts, callback); // a TCP target; the union hides it
    if (socket && "host" in target && target.host) tellNoAddress(socket, target.host);
    return socket;
  };
  return agent;
}
