/** The values of `fileFormat`. */
export const formatNames = ["csv", "text", "jsonl"] as const;

/** One of them. */
export type FormatName = (typeof formatNames)[number];
