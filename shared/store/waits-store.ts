import type { InstanceRef } from "../model/instance.js";
import type { DocumentKey, Documents, Stored } from "../platform/documents.js";
import { instanceId } from "./instances-store.js";
import { type JobRef, jobKeyOf } from "./job-key.js";
import { storeTables } from "./tables.js";

/** Who waits for whom. */
export interface WaitsStore {
  /** Has one looked at when another changes. Noted anew even if it is there: whoever forgets it finds another version. */
  note(awaited: InstanceRef, waiting: InstanceRef): Promise<void>;
  /** Who waits for an instance, at most `limit`. */
  of(awaited: InstanceRef, limit: number): Promise<readonly Stored<InstanceRef>[]>;
  /** Who waits for any instance of a job, at most `limit`, those behind a key alone. */
  ofJob(job: JobRef, page: { limit: number; after: DocumentKey | undefined }): Promise<readonly Stored<InstanceRef>[]>;
  /** Forgets waits, unless they were noted anew since they were read. */
  forget(waits: readonly Stored<InstanceRef>[]): Promise<void>;
}

/** Opens the store over our documents. */
export function createWaitsStore(documents: Documents): WaitsStore {
  const table = storeTables.waits;
  return {
    async note(awaited, { workspace, job, origin, label }) {
      const value: InstanceRef = { workspace, job, origin, label };
      const key = [instanceId(awaited), instanceId(value)];
      for (let attempt = 1; attempt <= 20; attempt++) {
        const found = await documents.get<InstanceRef>(table, key);
        if (await documents.replace(table, { key, value, version: found?.version ?? 0 })) return;
      }
    },
    of: (awaited, limit) => documents.list<InstanceRef>(table, { prefix: [instanceId(awaited)], limit }),
    ofJob(ref, { limit, after }) {
      const job = jobKeyOf(ref);
      // Between the job's key and its instance stands a blank; "!" comes after it.
      const range = { prefix: [], after: after ?? [`${job} `], before: [`${job}!`], limit };
      return documents.list<InstanceRef>(table, range);
    },
    forget: (waits) =>
      documents.removeMany(
        table,
        waits.map(({ key, version }) => ({ key, version })),
      ),
  };
}
