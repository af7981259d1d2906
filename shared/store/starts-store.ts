import type { Documents } from "../platform/documents.js";
import type { JobRef } from "./job-key.js";
import { storeTables } from "./tables.js";

/** Says that a job may wait for uploads whose keys begin and end so. */
export interface UploadHint extends JobRef {
  readonly prefix: string;
  readonly suffix: string;
}

/** Small rows that tell uploads which jobs to look at, however many are stored. */
export interface StartsStore {
  noteUpload(bucket: string, hint: UploadHint): Promise<void>;
  /** Hints for an object: those of every directory above it. */
  uploads(bucket: string, key: string): AsyncGenerator<UploadHint>;
  forgetUpload(bucket: string, hint: UploadHint): Promise<void>;
}

const PAGE = 200;

/** Opens the store over our documents. */
export function createStartsStore(documents: Documents): StartsStore {
  return {
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

function uploadKey(bucket: string, { workspace, job, prefix }: UploadHint): readonly string[] {
  return [bucket, prefix.slice(0, prefix.lastIndexOf("/") + 1), `${workspace}/${job}`];
}

/** The directories above a key, the whole bucket first: `""`, `a/`, `a/b/` of `a/b/c`. */
function directoriesOf(key: string): readonly string[] {
  return ["", ...[...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index + 1))];
}
