import { createHash } from "node:crypto";
import type { InstanceRef } from "../model/instance.js";
import type { Documents, Stored } from "../platform/documents.js";
import type { JobRef } from "./job-key.js";
import { storeTables } from "./tables.js";

/** Some of a job may be due. Those of older versions have no `kind`, and tell themselves how far the job was. */
export interface JobHint extends JobRef {
  readonly kind?: "job";
  /** Of older versions: ISO time up to which the job's firings have been started, and the last label that was. */
  readonly after?: string;
  readonly cursor?: string | null;
}

/** What is to be looked at. A hint too many costs one look; one too few would cost a firing. */
export type DueHint =
  | JobHint
  /** A job is about to be published at this version, perhaps in vain; `notedAt` is an ISO time. */
  | (JobRef & { readonly kind: "publish"; readonly version: number; readonly notedAt: string })
  /** What waits for a job is to be looked at: its schedule changed. */
  | (JobRef & { readonly kind: "wake" })
  /** An instance may go on, or runs for too long. */
  | (InstanceRef & { readonly kind: "instance" })
  /** Who holds the slots of a resource group, and who waits. */
  | { readonly kind: "slots"; readonly group: string };

/** Where a hint stands: ISO time of the look, and the hint. */
export interface DueEntry {
  readonly at: string;
  readonly hint: DueHint;
}

/** Small rows that tell ticks what to look at, however much is stored. */
export interface DueStore {
  /** Notes a hint anew even if it is there: whoever is about to forget it finds another version. */
  note(entry: DueEntry): Promise<void>;
  /** Notes hints that may be there already, in which case they stay as they are. */
  noteAll(entries: readonly DueEntry[]): Promise<void>;
  /** Hints of a part that are due until a time, the oldest first. */
  list(part: string, until: string, limit: number): Promise<readonly Stored<DueHint>[]>;
  /** Forgets hints, unless they were noted anew since they were read. */
  forget(hints: readonly Stored<DueHint>[]): Promise<void>;
  /** Which of the hints are there. */
  has(entries: readonly DueEntry[]): Promise<readonly boolean[]>;
}

/** Parts of the hints by hash, so that no partition takes the writes of all. */
export const dueParts = ["0", "1", "2", "3", "4", "5", "6", "7"] as const;

/** Opens the store over our documents. */
export function createDueStore(documents: Documents): DueStore {
  const table = storeTables.due;
  return {
    async note({ at, hint }) {
      const key = keyOf({ at, hint });
      for (let attempt = 1; attempt <= 20; attempt++) {
        const found = await documents.get<DueHint>(table, key);
        if (await documents.replace(table, { key, value: hint, version: found?.version ?? 0 })) return;
      }
    },
    async noteAll(entries) {
      const rows = new Map(entries.map((entry) => [keyOf(entry).join(" "), entry]));
      const all = [...rows.values()].map((entry) => ({ key: keyOf(entry), value: entry.hint, version: 0 }));
      await documents.writeMany(table, all);
    },
    // "!" comes after the blank that ends a time.
    list: (part, until, limit) =>
      documents.list<DueHint>(table, { prefix: [part], before: [part, `${until}!`], limit }),
    forget: (hints) =>
      documents.removeMany(
        table,
        hints.map(({ key, version }) => ({ key, version })),
      ),
    has: async (entries) => (await documents.getMany(table, entries.map(keyOf))).map((one) => one !== undefined),
  };
}

function keyOf({ at, hint }: DueEntry): readonly [string, string] {
  const what = nameOf(hint);
  const [first = 0] = createHash("sha256").update(what).digest();
  return [dueParts[first % dueParts.length] ?? "0", `${at} ${what}`];
}

/** The name of a job alone stands for its labels, as it did before there were other hints. */
function nameOf(hint: DueHint): string {
  switch (hint.kind) {
    case "publish":
      return `publish/${hint.workspace}/${hint.job}/${hint.version}`;
    case "wake":
      return `wake/${hint.workspace}/${hint.job}`;
    case "instance":
      return `instance/${hint.workspace}/${hint.job}/${hint.origin}#${hint.label}`;
    case "slots":
      return `slots/${hint.group}`;
    default:
      return `${hint.workspace}/${hint.job}`;
  }
}
