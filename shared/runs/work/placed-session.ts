import type { WriteSession } from "../../connectors/contract.js";
import { type Placed, placedError, placedScript } from "../../jobs/placed-error.js";
import type { Batch } from "../../model/batch.js";
import { SluiceError } from "../../model/errors.js";
import type { RunRecord } from "../../model/run.js";

/** Names an error as its user can find it; see `placedError`. */
export type NameError = (error: unknown) => unknown;

/** Names errors of the sides of a run; its script is read again only when there is one. */
export function namer(run: RunRecord, keys: Placed["keys"]): (kind: "reader" | "writer") => NameError {
  return (kind) => (error) => {
    if (!(error instanceof SluiceError) || error.path === undefined) return error;
    const placed = placedScript(run, keys);
    return placed ? placedError(error, kind, placed) : error;
  };
}

/** The same batches; what reading them throws is named. */
export async function* placedBatches(batches: AsyncIterable<Batch>, name: NameError): AsyncGenerator<Batch> {
  try {
    yield* batches;
  } catch (error) {
    throw name(error);
  }
}

/** Opens a session; what opening it or the session itself rejects with is named. */
export async function openPlaced(open: () => Promise<WriteSession>, name: NameError): Promise<WriteSession> {
  const named = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw name(error);
    }
  };
  const session = await named(open);
  return {
    ...(session.resumeFrom && { resumeFrom: session.resumeFrom }),
    ...(session.isComplete && { isComplete: session.isComplete }),
    write: (batch) => named(() => session.write(batch)),
    flush: () => named(() => session.flush()),
    close: () => named(() => session.close()),
    abort: () => session.abort(),
  };
}
