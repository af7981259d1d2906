import type { MysqlClient } from "./client.js";

/** A connection that can be made again when it was lost; whoever holds it need not know. */
export interface RenewableClient extends MysqlClient {
  /** Puts a new connection in the place of the present one, which is cut, and its statement ended on the server. */
  renew(): Promise<void>;
}

/**
 * Makes a connection renewable.
 *
 * @param connectAgain  makes the next connection, set up like the first one
 */
export function renewable(first: MysqlClient, connectAgain: () => Promise<MysqlClient>): RenewableClient {
  let client = first;
  return {
    get threadId() {
      return client.threadId;
    },
    get encryption() {
      return client.encryption;
    },
    putBack: first.putBack,
    get connection() {
      return client.connection;
    },
    query: (sql) => client.query(sql),
    execute: (sql, localData) => client.execute(sql, localData),
    close: () => client.close(),
    destroy: () => client.destroy(),
    cut: (why) => client.cut(why),
    async renew() {
      // The server may not have noticed yet that it is gone, and its locks would be waited for.
      await client.cut();
      client = await connectAgain();
    },
  };
}
