import type { Edge, JobPolicies, JobSchedule, ScheduleMode } from "../model/job-schedule.js";
import type { Documents, Stored } from "../platform/documents.js";
import { type JobRef, jobKeyOf, jobOfKey } from "./job-key.js";
import { storeTables } from "./tables.js";

/** What is published of a job's schedule, and how far its instances are made. */
export interface ScheduleRecord extends JobRef {
  /** Of the job that is in force. */
  readonly version: number;
  readonly publishedAt: string;
  /** Null for a job that no schedule starts. */
  readonly schedule: JobSchedule | null;
  readonly dependencies: readonly Edge[];
  readonly policies: JobPolicies;
  /** Whether its script is written for a business date: missed firings are not all the same then. */
  readonly usesBusinessTime: boolean;
  /** Resource group of its runs, and how many slots one takes. */
  readonly group: string;
  readonly weight: number;
  readonly mode: ScheduleMode;
  /** False for a job that was taken out of production: its instances stay. */
  readonly isPublished: boolean;
  /** The last label that was made; null = none was. */
  readonly cursor: string | null;
  /** ISO: what was due until then is made, or never will be. */
  readonly after: string;
  /** Labels of the schedule before this one that were due when it was published, and are not made yet. */
  readonly owed: readonly { readonly label: string; readonly at: number }[];
  /** ISO time under which its hint stands; null = it has none. */
  readonly nextAt: string | null;
  /** ISO: until then older versions may have started labels; absent = none has. */
  readonly startedElsewhereUntil?: string;
}

/** Published schedules by job. */
export interface SchedulesStore {
  find(ref: JobRef): Promise<Stored<ScheduleRecord> | undefined>;
  getMany(refs: readonly JobRef[]): Promise<readonly (Stored<ScheduleRecord> | undefined)[]>;
  /** Stores a schedule if it is still at that version, 0 = if there is none. */
  replace(record: ScheduleRecord, version: number): Promise<boolean>;
  replaceMany(rows: readonly { record: ScheduleRecord; version: number }[]): Promise<readonly boolean[]>;
  /** Reads, changes and stores until nobody came in between; undefined = there is none, or `change` left it. */
  update(
    ref: JobRef,
    change: (record: ScheduleRecord) => ScheduleRecord | undefined,
  ): Promise<ScheduleRecord | undefined>;
  /** When each job of a slice has its hint: of so many slices, by their number. */
  slice(number: number, of: number): Promise<readonly (JobRef & { readonly nextAt: string | null })[]>;
  /** Replaces the notes of which jobs a job depends on. */
  noteDependants(ref: JobRef, before: readonly string[], now: readonly string[]): Promise<void>;
  /** Jobs that may depend on it. */
  dependants(ref: JobRef): Promise<readonly JobRef[]>;
}

/** Of two hexadecimal digits. */
const PREFIXES = 256;
const MOST = 100_000;

/** Opens the store over our documents. */
export function createSchedulesStore(documents: Documents): SchedulesStore {
  const table = storeTables.schedules;
  const row = (record: ScheduleRecord, version: number) => {
    return { key: [jobKeyOf(record)], value: record, version, brief: { nextAt: record.nextAt } };
  };
  const find = (ref: JobRef) => documents.get<ScheduleRecord>(table, [jobKeyOf(ref)]);
  return {
    find,
    getMany: (refs) =>
      documents.getMany<ScheduleRecord>(
        table,
        refs.map((ref) => [jobKeyOf(ref)]),
      ),
    replace: (record, version) => documents.replace(table, row(record, version)),
    replaceMany: (rows) =>
      documents.writeMany(
        table,
        rows.map(({ record, version }) => row(record, version)),
      ),
    async update(ref, change) {
      for (let attempt = 1; attempt <= 20; attempt++) {
        const found = await find(ref);
        const next = found && change(found.value);
        if (!found || !next) return undefined;
        if (await documents.replace(table, row(next, found.version))) return next;
      }
      return undefined;
    },
    slice: (number, of) => readSlice(documents, number, of),
    noteDependants: (ref, before, now) => noteDependants(documents, ref, { before, now }),
    async dependants(ref) {
      const range = { prefix: [jobKeyOf(ref)], limit: MOST };
      const found = await documents.list<JobRef>(storeTables.dependants, range);
      return found.map(({ value }) => ({ workspace: value.workspace, job: value.job }));
    },
  };
}

async function readSlice(documents: Documents, number: number, of: number) {
  const bound = (part: number) =>
    Math.floor((part * PREFIXES) / of)
      .toString(16)
      .padStart(2, "0");
  const range = { prefix: [], after: [bound(number)], limit: MOST, maxBytes: Number.POSITIVE_INFINITY };
  const { items } = await documents.listBriefs<{ nextAt: string | null }>(storeTables.schedules, {
    ...range,
    ...(number + 1 < of && { before: [bound(number + 1)] }),
  });
  return items.map(({ key, value }) => ({ ...jobOfKey(String(key[0])), nextAt: value?.nextAt ?? null }));
}

async function noteDependants(
  documents: Documents,
  ref: JobRef,
  { before, now }: { readonly before: readonly string[]; readonly now: readonly string[] },
): Promise<void> {
  const table = storeTables.dependants;
  const key = (job: string) => [jobKeyOf({ workspace: ref.workspace, job }), jobKeyOf(ref)];
  const value: JobRef = { workspace: ref.workspace, job: ref.job };
  if (now.length > 0)
    await documents.writeMany(
      table,
      now.map((job) => ({ key: key(job), value, version: 0 })),
    );
  const gone = before.filter((job) => !now.includes(job));
  if (gone.length > 0)
    await documents.removeMany(
      table,
      gone.map((job) => ({ key: key(job) })),
    );
}
