import type { Documents, Stored } from "../platform/documents.js";
import { storeTables } from "./tables.js";

/** Runs planned at once in the whole installation: as many as the planner has instances (`s.yaml`). */
export const PLANNING_SLOTS = 16;

/** A run that is planned, or about to be. */
export interface PlanningSlot {
  readonly workspace: string;
  readonly run: string;
  /** Id of the planner's invocation. */
  readonly task: string;
  /** Epoch ms. */
  readonly since: number;
}

/** A run that waits for its turn. */
export interface WaitingRun {
  readonly workspace: string;
  readonly run: string;
  /** ISO time the run was asked for. */
  readonly createdAt: string;
}

/** Who is planned at the moment, and who waits. */
export interface PlanningStore {
  slots(): Promise<readonly PlanningSlot[]>;
  /**
   * Changes the slots, again and again until nobody came in between.
   *
   * @param change  undefined leaves them
   * @returns whether they were changed
   */
  changeSlots(change: (slots: readonly PlanningSlot[]) => readonly PlanningSlot[] | undefined): Promise<boolean>;
  /** Puts a run at the end of its workspace's queue; again is no second time. */
  enqueue(run: WaitingRun): Promise<void>;
  dequeue(run: WaitingRun): Promise<void>;
  /** The run of each workspace that has waited longest. */
  firsts(): Promise<readonly WaitingRun[]>;
}

const SLOTS = ["planning"];
/** Workspaces looked at for one turn. */
const MOST_WORKSPACES = 200;

/** Opens the store over our documents. */
export function createPlanningStore(documents: Documents): PlanningStore {
  const read = () => documents.get<readonly PlanningSlot[]>(storeTables.planning, SLOTS);
  const keyOf = ({ workspace, createdAt, run }: WaitingRun) => [workspace, `${createdAt} ${run}`];
  return {
    slots: async () => (await read())?.value ?? [],
    async changeSlots(change) {
      for (;;) {
        const found = await read();
        const next = change(found?.value ?? []);
        if (!next) return false;
        if (await documents.replace(storeTables.planning, { key: SLOTS, value: next, version: found?.version ?? 0 }))
          return true;
      }
    },
    enqueue: async (run) => void (await documents.insert(storeTables.planningQueue, { key: keyOf(run), value: run })),
    dequeue: (run) => documents.remove(storeTables.planningQueue, keyOf(run)),
    async firsts() {
      const firsts: WaitingRun[] = [];
      for (let after = {}; firsts.length < MOST_WORKSPACES; ) {
        const range = { prefix: [], limit: 1, ...after };
        const [first]: readonly Stored<WaitingRun>[] = await documents.list<WaitingRun>(
          storeTables.planningQueue,
          range,
        );
        if (!first) break;
        firsts.push(first.value);
        // Behind all runs of this workspace: their keys begin with a time.
        after = { after: [first.value.workspace, "~"] };
      }
      return firsts;
    },
  };
}
