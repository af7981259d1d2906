/** How the bytes of a file are cut into records and cells. */
export interface ReadFormat {
  /** The keys of a record that tells them itself, with each of its cells; null = its cells are known by their place. */
  readonly keysOf: ((record: string) => readonly string[]) | null;
  readonly delimiter: Buffer;
  /** Ends a record; for a line feed a carriage return before it is dropped. */
  readonly terminator: Buffer;
  /** What a carriage return without a line feed is, outside quotes: text only when the job names its line ends. */
  readonly loneReturns: "text" | "mistake";
  /** The quote byte, null when cells are never quoted. */
  readonly quote: number | null;
  /** How a quote inside a quoted cell is written: doubled, or after a backslash. */
  readonly escape: "double" | "backslash";
  /** Lines that begin with this byte are skipped; null = none are. */
  readonly comment: number | null;
  readonly trim: boolean;
  readonly skipEmpty: boolean;
  readonly skipHeader: boolean;
  readonly nullText: string | null;
  /** Null = UTF-8, read as it is. */
  readonly encoding: string | null;
  readonly gzip: boolean;
  /** Columns of type bytes are written as base64; else as their bytes in UTF-8 text. */
  readonly base64: boolean;
  /** The user's word that no cell holds a line end. */
  readonly safeSplit: boolean;
}
