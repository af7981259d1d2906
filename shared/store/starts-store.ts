import { createHash } from "node:crypto";
import type { Documents, Stored } from "../platform/documents.js";
import { dueRows } from "./due-rows.js";
import { storeTables } from "./tables.js";

/** Names a stored job. */
export interface JobRef {
  readonly workspace: string;
  readonly job: string;
}

/** Says that some of a job may be due at a time. A hint too many costs one look at the job; one too few would cost a firing. */
export interface DueHint extends JobRef {
  /** ISO time up to which the job's firings have been started. */
  readonly after: string;
  /** The last label that was made, null = none by this hint; absent in hints of versions that had instants for labels. */
  readonly cursor?: string | null;
  /** ISO time of the note: the job it speaks of may be stored a moment later. */
  readonly notedAt: string;
}

/** Says that a job may wait for uploads whose keys begin and end so. */
export interface UploadHint extends JobRef {
  readonly prefix: string;
  readonly suffix: string;
}

/** Small rows that tell ticks and uploads which jobs to look at, however many are stored. */
export interface StartsStore {
  /** @param at  ISO time */
  noteDue(at: string, hint: DueHint): Promise<void>;
  /** Hints for times up to and including `until`, part by part. Those noted meanwhile may come or not. */
  due(until: string): AsyncGenerator<Stored<DueHint>>;
  /** Forgets a hint, unless it was noted anew since it was read. */
  forgetDue(hint: Stored<DueHint>): Promise<void>;
  noteUpload(bucket: string, hint: UploadHint): Promise<void>;
  /** Hints for an object: those of every directory above it. */
  uploads(bucket: string, key: string): AsyncGenerator<UploadHint>;
  forgetUpload(bucket: string, hint: UploadHint): Promise<void>;
}

/** Parts of the hints by hash, so that no partition takes the writes of all. */
const BUCKETS = ["0", "1", "2", "3", "4", "5", "6", "7"] as const;
const PAGE = 200;

/** Opens the store over our documents. */
export function createStartsStore(documents: Documents): StartsStore {
  return {
    async noteDue(at, hint) {
      const key = [bucketOf(hint), `${at} ${hint.workspace}/${hint.job}`];
      // Noted anew even if it is there: whoever is about to forget it must find another version.
      for (let attempt = 1; attempt <= 20; attempt++) {
        const found = await documents.get<DueHint>(storeTables.due, key);
        if (await documents.replace(storeTables.due, { key, value: hint, version: found?.version ?? 0 })) return;
      }
    },
    due: (until) => dueRows(documents, storeTables.due, { parts: BUCKETS, until }),
    forgetDue: ({ key, version }) => documents.remove(storeTables.due, key, version),
    noteUpload: async (bucket, hint) => {
      const key = uploadKey(bucket, hint);
      const found = await documents.get<UploadHint>(storeTables.subscriptions, key);
      await documents.replace(storeTables.subscriptions, { key, value: hint, version: found?.version ?? 0 });
    },
    async *uploads(bucket, key) {
      for (const directory of directoriesOf(key)) {
        const prefix = [bucket, directory];
        for (let after = {}; ; ) {
          const found = await documents.list<UploadHint>(storeTables.subscriptions, { prefix, limit: PAGE, ...after });
          for (const { value } of found) yield value;
          const last = found.at(-1);
          if (!last || found.length < PAGE) break;
          after = { after: last.key };
        }
      }
    },
    forgetUpload: (bucket, hint) => documents.remove(storeTables.subscriptions, uploadKey(bucket, hint)),
  };
}

function bucketOf({ workspace, job }: JobRef): string {
  const [first = 0] = createHash("sha256").update(`${workspace}/${job}`).digest();
  return BUCKETS[first % BUCKETS.length] ?? "0";
}

function uploadKey(bucket: string, { workspace, job, prefix }: UploadHint): readonly string[] {
  return [bucket, prefix.slice(0, prefix.lastIndexOf("/") + 1), `${workspace}/${job}`];
}

/** The directories above a key, the whole bucket first: `""`, `a/`, `a/b/` of `a/b/c`. */
function directoriesOf(key: string): readonly string[] {
  return ["", ...[...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index + 1))];
}
