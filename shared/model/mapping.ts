import type { Warning } from "./job.js";

/** What becomes of values on their way from one column into another. */
export const mappingVerdicts = ["ok", "lossy", "impossible"] as const;

/** A column of one side. */
export interface MappedSide {
  readonly name: string;
  /** As the system declares it, else the internal type. */
  readonly type: string;
  /** Null = unknown. */
  readonly nullable: boolean | null;
  readonly isKey: boolean | null;
}

/** Columns that go together by position. */
export interface MappedPair {
  /** Null = the other side has more columns. */
  readonly from: MappedSide | null;
  readonly to: MappedSide | null;
  /** `lossy`: some values are lost, shortened or become dirty records; `impossible`: all do. */
  readonly verdict: (typeof mappingVerdicts)[number];
  readonly reasons: readonly string[];
}

/** The columns of both sides of a job, side by side. */
export interface MappingReport {
  readonly columns: readonly MappedPair[];
  /** How many columns each side has; null = the writer takes any. */
  readonly width: { readonly reader: number; readonly writer: number | null };
  /** What is wrong with the columns as a whole. */
  readonly problems: readonly string[];
  readonly warnings: readonly Warning[];
}

/** A cell as a preview shows it: a long one is cut, bytes are base64. */
export type PreviewCell = string | null | { readonly base64: string };

/** A record as it would arrive, or as it was read where it would not. */
export interface PreviewRecord {
  readonly cells: readonly PreviewCell[];
  readonly dirty: {
    readonly side: "reader" | "writer";
    readonly reason: string;
    readonly message: string;
    readonly column: string | null;
  } | null;
  /** The line of the file that it becomes; null = it becomes none, or none that is plain text. */
  readonly text: string | null;
}

/** The first records of a job as they would arrive at its target. */
export interface RecordPreview {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly records: readonly PreviewRecord[];
  /** The source has no more than these. */
  readonly isAll: boolean;
  readonly warnings: readonly Warning[];
}
