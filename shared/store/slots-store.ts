import { createHash } from "node:crypto";
import type { InstanceRef } from "../model/instance.js";
import type { Documents } from "../platform/documents.js";
import { instanceId } from "./instances-store.js";
import { storeTables } from "./tables.js";

/** An instance that waits for slots. */
export interface ReadyInstance extends InstanceRef {
  /** 1 to 8; 8 goes first. */
  readonly priority: number;
  /** When it was due, and since when it waits; epoch ms. */
  readonly at: number;
  readonly readySince: number;
  /** Slots it takes. */
  readonly weight: number;
  /** Runs begun before: with the instance it names the run that is to come. */
  readonly attempt: number;
  /** Of the job that may run at once, where no order says so; null = any number. */
  readonly mostOfJob: number | null;
}

/** Who holds slots. */
export interface SlotHolder {
  /** The run that it holds them for. */
  readonly run: string;
  readonly ready: ReadyInstance;
  /** Epoch ms. */
  readonly since: number;
}

/** The slots of a resource group. */
export interface GroupSlots {
  readonly holders: readonly SlotHolder[];
  /** Who stands at the head of the queue without getting enough, and since when (epoch ms). */
  readonly blocked: { readonly id: string; readonly since: number } | null;
}

/** The queue of a resource group, and who got slots of it. */
export interface SlotsStore {
  enqueue(group: string, instances: readonly ReadyInstance[]): Promise<void>;
  dequeue(group: string, instances: readonly ReadyInstance[]): Promise<void>;
  /** Who waits, by priority and due time. */
  queue(group: string): Promise<readonly ReadyInstance[]>;
  get(group: string): Promise<GroupSlots>;
  /**
   * Changes the slots, again and again until nobody came in between.
   *
   * @param change  undefined leaves them
   * @returns whether they were changed
   */
  change(group: string, change: (slots: GroupSlots) => GroupSlots | undefined): Promise<boolean>;
}

/** As many of a queue as are looked at for one turn. */
const MOST = 1000;
const none: GroupSlots = { holders: [], blocked: null };

/** Opens the store over our documents. */
export function createSlotsStore(documents: Documents): SlotsStore {
  const { ready, slots } = storeTables;
  const read = (group: string) => documents.get<GroupSlots>(slots, [group]);
  return {
    async enqueue(group, instances) {
      const rows = instances.map((value) => ({ key: readyKey(group, value), value, version: 0 }));
      await documents.writeMany(ready, rows);
    },
    dequeue: (group, instances) =>
      documents.removeMany(
        ready,
        instances.map((one) => ({ key: readyKey(group, one) })),
      ),
    queue: async (group) =>
      (await documents.list<ReadyInstance>(ready, { prefix: [group], limit: MOST })).map(({ value }) => value),
    get: async (group) => (await read(group))?.value ?? none,
    async change(group, change) {
      for (let attempt = 1; ; attempt++) {
        const found = await read(group);
        const next = change(found?.value ?? none);
        if (!next) return false;
        const row = { key: [group], value: next, version: found?.version ?? 0 };
        if (await documents.replace(slots, row)) return true;
        // Many runs that end together all come here.
        if (attempt > 5) await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * attempt));
      }
    },
  };
}

function readyKey(group: string, one: ReadyInstance): readonly string[] {
  const hash = createHash("sha256")
    .update(`${instanceId(one)} ${one.attempt}`)
    .digest("hex")
    .slice(0, 12);
  return [group, `${9 - one.priority}-${String(one.at).padStart(14, "0")}-${hash}`];
}
