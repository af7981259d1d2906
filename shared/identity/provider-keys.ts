import type { FetchImplementation, JWTVerifyGetKey } from "jose";

const TIMEOUT_MS = 5000;
/** Providers publish a handful of keys; this is room for hundreds. */
const MAX_BYTES = 512 * 1024;
/** After a failure the provider is left alone for so long: whoever sends tokens must not make us call it each time. */
const PAUSE_MS = 5000;

/** Keys of the provider by address: fetched once per instance, again when a token names an unknown key. */
const keySets = new Map<string, JWTVerifyGetKey>();

/** The keys of an identity provider, for jose, which is loaded already. */
export function providerKeys(jose: typeof import("jose"), url: string): JWTVerifyGetKey {
  const known = keySets.get(url);
  if (known) return known;
  const keys = jose.createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT_MS,
    [jose.customFetch]: pausing(fetchKeySet),
  });
  keySets.set(url, keys);
  return keys;
}

/** Fails at once for a while after a failure. */
function pausing(fetchOnce: FetchImplementation): FetchImplementation {
  let pausedUntil = 0;
  return async (url, options) => {
    if (performance.now() < pausedUntil) throw new Error("fetching the keys failed a moment ago");
    try {
      return await fetchOnce(url, options);
    } catch (error) {
      pausedUntil = performance.now() + PAUSE_MS;
      throw error;
    }
  };
}

/** Fetches and looks at the whole answer here, so that one that is no set of keys counts as a failure too. */
const fetchKeySet: FetchImplementation = async (url, { headers, method, redirect, signal }) => {
  const response = await fetch(url, { headers, method, redirect, signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the provider of keys answered with status ${response.status}`);
  }
  const set: unknown = JSON.parse((await bodyOf(response)).toString("utf8"));
  const isSet = typeof set === "object" && set !== null && "keys" in set && Array.isArray(set.keys);
  if (!isSet) throw new Error("the provider of keys answered with something else");
  return Response.json(set);
};

async function bodyOf(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`the provider of keys answered with more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
