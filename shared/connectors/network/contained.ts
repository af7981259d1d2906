import type { Duplex } from "node:stream";

/**
 * Makes a driver's failure to understand what a server sent a failure of the connection: thrown while data is heard, it would
 * reach no caller and end the process, with everybody's work.
 */
export function contained<S extends Duplex>(stream: S): S {
  const on = stream.on.bind(stream) as (event: string | symbol, listener: Listener) => S;
  const heed = (event: string | symbol, listener: Listener): S =>
    on(event, event === "data" ? failing(stream, listener) : listener);
  return Object.assign(stream, { on: heed, addListener: heed });
}

type Listener = (...values: unknown[]) => void;

function failing(stream: Duplex, listener: Listener): Listener {
  const guarded = (...values: unknown[]): void => {
    try {
      listener.apply(stream, values);
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  // By it listeners are found that are to be removed.
  return Object.assign(guarded, { listener });
}
