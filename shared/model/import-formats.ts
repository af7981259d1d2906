/** The forms in which data sources are imported and exported. */
export const importFormats = ["csv", "jsonl"] as const;

/** One of them. */
export type ImportFormat = (typeof importFormats)[number];
