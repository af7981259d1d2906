import type { SluiceError } from "../../model/errors.js";
import type { NetworkTarget } from "./guard.js";

/**
 * Opens the first of several addresses of one server that answers. A refusal is an answer too: the others would refuse
 * as well.
 *
 * @param open     opens one address
 * @param explain  what it means that it could not be opened; SOURCE_UNREACHABLE = another address may do better
 * @throws the refusal, or the first address's error when none answers
 */
export async function firstAnswer<C>(
  addresses: readonly NetworkTarget[],
  open: (address: NetworkTarget) => Promise<C>,
  explain: (error: unknown, address: NetworkTarget) => SluiceError,
): Promise<C> {
  let failure: SluiceError | undefined;
  for (const address of addresses) {
    try {
      return await open(address);
    } catch (error) {
      const found = explain(error, address);
      if (found.code !== "SOURCE_UNREACHABLE") throw found;
      failure ??= found;
    }
  }
  throw failure ?? new RangeError("a data source has at least one address");
}
