import type { Json } from "../../model/json.js";

/** A block that the service has, by its number, with its records. */
export type StagedBlock = readonly [number: number, records: number];

/** Blocks in one upload session. */
export interface StagedSession {
  readonly id: string;
  /** Values of the partition's keys in order; empty for a table without. */
  readonly values: readonly string[];
  readonly blocks: readonly StagedBlock[];
}

/** What a split has staged so far: rests in the split's progress, and is its token in the end. */
export type StagedBlocks = readonly StagedSession[];

/** What an earlier attempt staged; it was written by {@link stagedBlocksJson}. */
export function stagedBlocksOf(json: Json | undefined): StagedBlocks {
  return (json ?? []) as unknown as StagedBlocks; // made by our own writer
}

/** As plain JSON, which it is; interfaces have no index signature, so the compiler does not see it. */
export function stagedBlocksJson(staged: StagedBlocks): Json {
  return staged as unknown as Json;
}

/** The same partition, told by the values of its keys. */
export function partitionId(values: readonly string[]): string {
  return JSON.stringify(values);
}
