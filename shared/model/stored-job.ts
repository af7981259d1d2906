import type { Edge, JobPolicies, JobSchedule } from "./job-schedule.js";
import type { Json } from "./json.js";

/** What a job does and when it starts: one version of it. */
export interface JobVersion {
  /** Where lists show it, such as `sales/daily`; empty = nowhere in particular. */
  readonly folder: string;
  /** Who answers for it: whoever stored it first, unless another is named. */
  readonly owner: string;
  readonly description: string;
  /** The script as the user wrote it; connections that it carried are taken out, and comments with them. */
  readonly script: string;
  readonly schedule: JobSchedule | null;
  readonly subscription: { readonly bucket: string; readonly prefix: string; readonly suffix: string } | null;
  /** What its instances wait for; absent in jobs of older versions. */
  readonly dependencies?: readonly Edge[] | undefined;
  /** Absent = all by default. */
  readonly policies?: JobPolicies | undefined;
  /** Values for `${name}` when the job is started by its schedule or an upload. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Names of the data sources that the script uses. */
  readonly dataSources: readonly string[];
}

/** The version that schedules and uploads start. */
export interface PublishedVersion extends JobVersion {
  /** Version of the job that was published. */
  readonly version: number;
  readonly publishedAt: string;
}

/** All that {@link JobChange} may be. */
export const jobChanges = ["saved", "restored", "submitted", "unsubmitted"] as const;

/** What made a version of a job. */
export interface JobChange {
  readonly kind: (typeof jobChanges)[number];
  /** The version that was restored or submitted; null for others. */
  readonly of: number | null;
  /** What who made it says about it. */
  readonly note: string;
  /** Who made it, such as `token/…`; empty in jobs of older versions. */
  readonly by: string;
  /** ISO time. */
  readonly at: string;
}

/** A version of a job as its history lists it. */
export interface JobHistoryEntry {
  readonly version: number;
  readonly change: JobChange;
}

/** What differs between two versions of a job. */
export interface JobComparison {
  /** All but the script; null = there is no such field in that version. */
  readonly fields: readonly { readonly path: string; readonly before: Json; readonly after: Json }[];
  readonly script: {
    /** Lines that only the later one has, and only the earlier one. */
    readonly added: number;
    readonly removed: number;
    /** As `diff -u` prints it; empty = the scripts are the same. */
    readonly diff: string;
  };
}

/** A stored job: its draft, and what is published of it. In a basic workspace saving publishes. */
export interface StoredJob extends JobVersion {
  readonly name: string;
  readonly production: PublishedVersion | null;
  /** What made this version of it. */
  readonly lastChange: JobChange;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A stored job as lists show it: small whatever is stored, without scripts and parameters. */
export interface JobSummary
  extends Omit<StoredJob, "script" | "parameters" | "dependencies" | "policies" | "production" | "lastChange"> {
  readonly production: Omit<PublishedVersion, "script" | "parameters" | "dependencies" | "policies"> | null;
}
