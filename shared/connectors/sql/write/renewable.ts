import type { SqlClient } from "../client.js";

/** A connection that can be made again when it was lost; whoever holds it need not know. */
export interface Renewable<C extends SqlClient> {
  /** The present one. */
  readonly client: C;
  /** Puts a new connection in the place of the present one, which is cut, and its statement ended on the server. */
  renew(): Promise<void>;
}

/**
 * Makes a connection renewable.
 *
 * @param connectAgain  makes the next connection, set up like the first one
 */
export function renewable<C extends SqlClient>(first: C, connectAgain: () => Promise<C>): Renewable<C> {
  let client = first;
  return {
    get client() {
      return client;
    },
    async renew() {
      // The server may not have noticed yet that it is gone, and its locks would be waited for.
      await client.cut();
      client = await connectAgain();
    },
  };
}
