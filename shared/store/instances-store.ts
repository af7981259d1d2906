import { UserError } from "../model/errors.js";
import type { InstanceRecord, InstanceRef, InstanceState } from "../model/instance.js";
import type { Documents, Stored } from "../platform/documents.js";
import { indexInstances } from "./instance-index.js";
import { jobKeyOf } from "./job-key.js";
import { storeTables } from "./tables.js";

/** An instance as narrow reads show it. */
export interface StandingInstance {
  readonly origin: string;
  readonly label: string;
  readonly state: InstanceState;
}

/** Instances, found by job and by day. */
export interface InstancesStore {
  find(ref: InstanceRef): Promise<Stored<InstanceRecord> | undefined>;
  /** @throws UserError NOT_FOUND */
  get(ref: InstanceRef): Promise<Stored<InstanceRecord>>;
  getMany(refs: readonly InstanceRef[]): Promise<readonly (Stored<InstanceRecord> | undefined)[]>;
  /** Stores those that are not there yet. @returns for each whether it is new */
  insertMany(records: readonly InstanceRecord[]): Promise<readonly boolean[]>;
  /**
   * Reads, changes and stores, again and again until nobody came in between. `change` returns undefined to leave it.
   *
   * @returns undefined when there is no such instance
   */
  update(
    ref: InstanceRef,
    change: (record: InstanceRecord) => InstanceRecord | undefined,
  ): Promise<{ readonly record: InstanceRecord; readonly changed: boolean } | undefined>;
  /** State of an instance: a small read. */
  stateOf(ref: InstanceRef): Promise<InstanceState | undefined>;
  /** Those of a date, or whose labels begin with another text, ascending. */
  on(ref: Omit<InstanceRef, "label">, date: string): Promise<readonly StandingInstance[]>;
  /** The last ones before a label, the nearest first. */
  before(ref: InstanceRef, count: number): Promise<readonly StandingInstance[]>;
}

const MOST = 100_000;

/** Opens the store over our documents. */
export function createInstancesStore(documents: Documents): InstancesStore {
  const table = storeTables.instances;
  const narrow = { maxBytes: Number.POSITIVE_INFINITY };
  const find = (ref: InstanceRef) => documents.get<InstanceRecord>(table, instanceKey(ref));
  return {
    find,
    async get(ref) {
      const found = await find(ref);
      if (found) return found;
      throw new UserError("NOT_FOUND", `job "${ref.job}" has no instance ${ref.origin}#${ref.label}`);
    },
    getMany: (refs) => documents.getMany<InstanceRecord>(table, refs.map(instanceKey)),
    async insertMany(records) {
      const isNew = await documents.writeMany(
        table,
        records.map((record) => row(record, 0)),
      );
      await indexInstances(documents, records);
      return isNew;
    },
    async update(ref, change) {
      for (let attempt = 1; attempt <= 50; attempt++) {
        const found = await find(ref);
        if (!found) return undefined;
        const next = change(found.value);
        if (!next) return { record: found.value, changed: false };
        // An entry too many is harmless, since the instance itself is asked; one too few would hide it from lists.
        if (next.state !== found.value.state) await indexInstances(documents, [next], { states: "only" });
        if (await documents.replace(table, row(next, found.version))) return { record: next, changed: true };
      }
      throw new UserError("CONFLICT", `instance ${ref.origin}#${ref.label} of job "${ref.job}" changes too often`);
    },
    async stateOf(ref) {
      const found = await documents.getBrief<{ state: InstanceState }>(table, instanceKey(ref));
      return found?.value?.state;
    },
    async on(ref, date) {
      const job = jobKeyOf(ref);
      const start = `${ref.origin}#${date}`;
      // "~" comes after whatever a label may hold.
      const range = { prefix: [job], after: [job, start], before: [job, `${start}~`], limit: MOST };
      return standing((await documents.listBriefs<{ state: InstanceState }>(table, { ...range, ...narrow })).items);
    },
    before: (ref, count) => readBefore(documents, ref, count),
  };
}

async function readBefore(documents: Documents, ref: InstanceRef, limit: number) {
  const [job, instance] = instanceKey(ref);
  const range = { prefix: [job], after: [job, `${ref.origin}#`], before: [job, instance], limit };
  const found = await documents.listBriefs<{ state: InstanceState }>(storeTables.instances, {
    ...range,
    maxBytes: Number.POSITIVE_INFINITY,
    order: "descending",
  });
  return standing(found.items);
}

function row(record: InstanceRecord, version: number) {
  return { key: instanceKey(record), value: record, version, brief: { state: record.state } };
}

function standing(items: readonly Stored<{ readonly state: InstanceState } | null>[]): readonly StandingInstance[] {
  return items.flatMap(({ key, value }) => {
    const [origin = "", label = ""] = String(key[1]).split("#");
    return value ? [{ origin, label, state: value.state }] : [];
  });
}

/** Where an instance is stored. */
export function instanceKey(ref: InstanceRef): readonly [string, string] {
  return [jobKeyOf(ref), `${ref.origin}#${ref.label}`];
}

/** One text for an instance. */
export function instanceId(ref: InstanceRef): string {
  return instanceKey(ref).join(" ");
}
