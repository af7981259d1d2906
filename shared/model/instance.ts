/** All that an instance's state may be. */
export const instanceStates = [
  ...(["waiting", "ready", "running", "succeeded", "failed", "cancelled", "skipped", "frozen"] as const),
] as const;

/** Where an instance of a job stands. */
export type InstanceState = (typeof instanceStates)[number];

/** Names an instance. */
export interface InstanceRef {
  readonly workspace: string;
  readonly job: string;
  /** `s` = its schedule, `b…` = a backfill, `u…` = uploads. */
  readonly origin: string;
  /** Planned time as the clock of the job's zone shows it, `yyyy-MM-ddTHH:mm`. */
  readonly label: string;
}

/** One label of a job, as far as its life goes. */
export interface ScheduledInstance {
  readonly state: InstanceState;
  /** Why it is there, in words; null while there is nothing to say. */
  readonly reason: string | null;
  /** Runs begun so far. */
  readonly attempt: number;
  /** Automatic retries since it was made or rerun. */
  readonly retries: number;
  /** The run of the last attempt. */
  readonly run: string | null;
  /** Epoch ms before which it does not start again; null = at once. */
  readonly notBefore: number | null;
}

/** What an instance waits for: another one's success, or its end. */
export interface Awaited extends Omit<InstanceRef, "workspace"> {
  readonly until: "succeeded" | "ended";
}

/** An instance of a job. */
export interface Instance extends Omit<InstanceRef, "workspace">, ScheduledInstance {
  /** When it was due, ISO. */
  readonly dueAt: string;
  /** `yyyy-MM-dd`: the day before the planned one. */
  readonly businessDate: string;
  /** Of the job: that its last run was made from; null before it ran. */
  readonly version: number | null;
  readonly priority: number;
  /** What it waits for; null = nothing. */
  readonly waitsFor: Awaited | null;
  /** ISO times. */
  readonly madeAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Values that its run gets besides those of the job. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** An instance as stored. */
export interface InstanceRecord extends Instance {
  readonly workspace: string;
  /** Since when it waits for a slot, epoch ms; null = it does not. */
  readonly readySince: number | null;
  /** It succeeds without running. */
  readonly isDry: boolean;
  /** The next attempt runs what the last one ran, not the version in force. */
  readonly keepsVersion: boolean;
  /** The upload that its run begins with; absent = none. */
  readonly upload?: { readonly bucket: string; readonly key: string; readonly eTag: string };
}

/** What users see of an instance. */
export function viewInstance(record: InstanceRecord): Instance {
  const { workspace, readySince, isDry, keepsVersion, upload, ...instance } = record;
  return instance;
}

/** Whether nothing leads out of a state but a user's order. */
export function isOver(state: InstanceState): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled" || state === "skipped";
}
