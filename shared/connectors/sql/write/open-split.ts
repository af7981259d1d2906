import type { SplitRef, WriteSession } from "../../contract.js";
import type { SqlWriteTypes } from "../types.js";
import { planFor } from "./prepare-targets.js";
import { renewable } from "./renewable.js";
import { clockShifts, onTableClocks, rowClocks } from "./row-clock.js";
import type { WritableSystem } from "./system.js";
import { connectTo, type WriteSide } from "./target-connection.js";
import { openWriteSession } from "./write-session.js";

/** Opens a split of a run that `prepareTargets` has prepared. */
export async function openSplit<X extends SqlWriteTypes>(
  system: WritableSystem<X>,
  side: WriteSide<X>,
  split: SplitRef,
): Promise<WriteSession> {
  const plan = planFor<X>(split);
  const target = { datasource: plan.datasource, table: plan.sqlName };
  const clocks = rowClocks(plan, { zone: side.timeZone, reader: split.clock });
  const connectForRows = async () => {
    const client = await connectTo({ system, side, target });
    if (clocks.session !== clocks.writer) await system.zones?.enter(client, clocks.session);
    return client;
  };
  const line = renewable(await connectForRows(), async () => {
    const next = await connectForRows();
    await next.execute(system.writing.transactions.enter);
    return next;
  });
  const { batchSize, batchBytes } = side.params;
  try {
    return await openWriteSession<X>({
      ...{ system, line, plan, split, batchSize, batchBytes, timeZone: side.timeZone },
      placed: (batch) => onTableClocks(batch, plan, clocks),
      keepsClocks: (columns) => clockShifts(columns, plan, clocks).size === 0,
    });
  } catch (error) {
    line.client.destroy();
    throw system.errors.toSluiceError(error, `opening ${plan.title}`);
  }
}
