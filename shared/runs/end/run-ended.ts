import { isEnded, type RunRecord } from "../../model/run.js";
import type { Stored } from "../../platform/documents.js";
import type { RunEndListener, Services } from "../../services.js";
import type { RunEndOrder } from "../../store/run-ends-store.js";

/** Who ends a run has this long to tell of it before the sweep does. */
const HEAD_START_MS = 30_000;
/** How long a listener may take. */
const HEAR_MS = 20_000;
/** Between two tries of a listener that fails: it doubles from the head start to this. */
const LONGEST_WAIT_MS = 30 * 60_000;
/** Orders that one sweep carries out. */
const AT_ONCE = 64;
/** An order that cannot be carried out for so long is given up, which the log tells. */
const GIVE_UP_MS = 3 * 86_400_000;

/**
 * Orders that listeners be told of a run's end: before the run ends, so that no end goes untold whoever dies when. An
 * order for an end that never came is found to be in vain.
 */
export function orderRunEnd({ runEnds, now }: Services, run: RunRecord): Promise<Stored<RunEndOrder>> {
  const orderedAt = new Date(now()).toISOString();
  return runEnds.order({ run: run.id, orderedAt, left: null, attempts: 0 }, isoIn(now(), HEAD_START_MS));
}

/**
 * Tells the listeners that are left. Never throws: what fails is tried again by a later sweep, the others are not told
 * again then. After a crash a listener may hear of a run twice.
 */
export async function tellRunEnded(services: Services, order: Stored<RunEndOrder>): Promise<void> {
  try {
    const { value } = order;
    const run = (await services.runs.find(value.run))?.value;
    const age = services.now() - Date.parse(value.orderedAt);
    if (!run) return await services.runEnds.remove(order);
    // One that has not ended is about to, or its end will be ordered anew.
    const left = isEnded(run.state) ? await tellAll(services, run, value.left) : value.left;
    if (left?.length === 0) return await services.runEnds.remove(order);
    if (age <= GIVE_UP_MS) return await putOff(services, order, left);
    if (isEnded(run.state))
      services.log.error("end of a run left untold", { run: run.id, listeners: left?.join(", ") });
    await services.runEnds.remove(order);
  } catch (error) {
    services.log.warn("end of a run not told yet", { run: order.value.run, error: String(error) });
  }
}

/** Tells of the ends whose reducer died, or whose listeners failed: so many that a listener that hangs holds up no tick. */
export async function sweepRunEnds(services: Services): Promise<void> {
  const orders: Stored<RunEndOrder>[] = [];
  for await (const order of services.runEnds.due(isoIn(services.now(), 0))) {
    orders.push(order);
    if (orders.length === AT_ONCE) break;
  }
  await Promise.all(orders.map((order) => tellRunEnded(services, order)));
}

/** @returns names of the listeners that failed */
async function tellAll(services: Services, run: RunRecord, left: RunEndOrder["left"]): Promise<readonly string[]> {
  const listeners = services.runEndListeners.filter(({ name }) => left === null || left.includes(name));
  const failed = await Promise.all(listeners.map((one) => tell(services, run, one)));
  return failed.flat();
}

async function tell(services: Services, run: RunRecord, { name, hear }: RunEndListener): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${HEAR_MS / 1000} s`)), HEAR_MS);
  });
  try {
    await Promise.race([hear(services, run), late]);
    return [];
  } catch (error) {
    services.log.warn("listener failed", { run: run.id, listener: name, error: String(error) });
    return [name];
  } finally {
    clearTimeout(timer);
  }
}

function putOff(services: Services, order: Stored<RunEndOrder>, left: RunEndOrder["left"]): Promise<void> {
  const { value } = order;
  const attempts = value.attempts + 1;
  const waitMs = Math.min(LONGEST_WAIT_MS, HEAD_START_MS * 2 ** attempts);
  return services.runEnds.putOff(order, { ...value, left, attempts }, isoIn(services.now(), waitMs));
}

function isoIn(now: number, ms: number): string {
  return new Date(now + ms).toISOString();
}
