import type { Side } from "../../contract.js";
import { settingOf } from "../side-setting.js";
import { sourceOf } from "../side-source.js";
import type { SqlWriteTypes } from "../types.js";
import type { WritableSystem } from "./system.js";
import type { TargetName } from "./write-params.js";

/** The writing side of a job. */
export type WriteSide<X extends SqlWriteTypes> = Side<X["source"], X["params"]>;

/** A target of a side. */
export interface PlacedTarget<X extends SqlWriteTypes> {
  readonly system: WritableSystem<X>;
  readonly side: WriteSide<X>;
  readonly target: TargetName;
  readonly severalAtOnce?: boolean;
}

/** The data source that a target is in. */
export function sourceAt<X extends SqlWriteTypes>(
  { sourceFor }: Pick<WritableSystem<X>, "sourceFor">,
  side: WriteSide<X>,
  { datasource, table }: TargetName,
): X["source"] {
  const source = sourceOf(side, datasource);
  return sourceFor?.(source, table) ?? source;
}

/** Connects to a target. `signal` is absent for rows: their session decides itself what becomes of a statement under way. */
export function connectTo<X extends SqlWriteTypes>(
  { system, side, target, severalAtOnce = false }: PlacedTarget<X>,
  signal?: AbortSignal,
): Promise<X["client"]> {
  const setting = { ...settingOf(system.whyNotPlanned, side, "write"), severalAtOnce, ...(signal && { signal }) };
  return system.connect(sourceAt(system, side, target), setting);
}

/** Does some work on a connection to a target; `doing` is for errors. */
export async function withTarget<X extends SqlWriteTypes, T>(
  placed: PlacedTarget<X>,
  doing: string,
  work: (client: X["client"], source: X["source"]) => Promise<T>,
): Promise<T> {
  const { system, side, target } = placed;
  const client = await connectTo(placed, side.signal);
  try {
    return await work(client, sourceAt(system, side, target));
  } catch (error) {
    throw system.errors.toSluiceError(error, doing);
  } finally {
    await client.close();
  }
}
