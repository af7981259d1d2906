/** A primary key: column values in the table's order. Integers are `number`s, everything else text. */
export type DocumentKey = readonly (string | number)[];

/** A table of documents: its name and the key columns, whose type is that of the value. */
export interface DocumentTable {
  readonly name: string;
  readonly key: readonly { readonly name: string; readonly type: "STRING" | "INTEGER" }[];
  /** How long documents stay; absent = for ever. The service takes no less than a day and removes them some time after. */
  readonly keepSeconds?: number;
}

/** A stored document with the version that a compare-and-set must quote. */
export interface Stored<T> {
  readonly key: DocumentKey;
  readonly value: T;
  /** 1 after the insert, plus 1 with every replacement. */
  readonly version: number;
}

/** Which part of a table to list, in key order. */
export interface ListRange {
  /** First values of the key, which all listed documents share. */
  readonly prefix: DocumentKey;
  /** Start after this key (exclusive); absent = at the beginning. */
  readonly after?: DocumentKey;
  /** End before this key (exclusive); absent = at the end. */
  readonly before?: DocumentKey;
  readonly limit: number;
  /** From the end of the range to its beginning; `after` and `before` bound the same range. */
  readonly order?: "ascending" | "descending";
}

/** What a document's lists show of it, with its place: no more than this is read for a list. */
export interface BriefPage<B> {
  /** A brief is null for a document that was stored without one. */
  readonly items: readonly Stored<B | null>[];
  /** More follow: a limit was reached. */
  readonly isCut: boolean;
}

/** A document that is to be written. */
export interface NewDocument<T> {
  readonly key: DocumentKey;
  readonly value: T;
  /** What lists show of it; absent = they read the document itself. */
  readonly brief?: object | undefined;
}

/** A document that is written beside others, conditionally: see `Documents.replace`. */
export type Replacement<T> = NewDocument<T> & { readonly version: number };

/** JSON documents in Tablestore with optimistic concurrency: all state of Sluice. */
export interface Documents {
  get<T>(table: DocumentTable, key: DocumentKey): Promise<Stored<T> | undefined>;
  /** The brief of a document; its value is null when it was stored without one. */
  getBrief<B>(table: DocumentTable, key: DocumentKey): Promise<Stored<B | null> | undefined>;
  /** The documents of keys, in their order, read together. */
  getMany<T>(table: DocumentTable, keys: readonly DocumentKey[]): Promise<readonly (Stored<T> | undefined)[]>;
  /**
   * Replaces many documents of one table, 0 = there is none yet. Each row stands for itself: the others are written whatever becomes of it.
   *
   * @returns for each row, in order, what `replace` would say of it
   */
  writeMany<T>(table: DocumentTable, rows: readonly Replacement<T>[]): Promise<readonly boolean[]>;
  /** Removes many documents; a version stands for that version only. */
  removeMany(table: DocumentTable, rows: readonly { key: DocumentKey; version?: number }[]): Promise<void>;
  /** Writes a document that must not exist yet, with its brief if it has one; false when it does. */
  insert<T>(table: DocumentTable, row: NewDocument<T>): Promise<boolean>;
  /** Replaces the version of a document that is named, 0 = there is none yet; false when it has moved on, come or gone. */
  replace<T>(table: DocumentTable, row: Replacement<T>): Promise<boolean>;
  /** Removes a document, or only this version of it; silently when there is none, or another. */
  remove(table: DocumentTable, key: DocumentKey, version?: number): Promise<void>;
  /** At most `limit` documents in key order, or against it. Fewer than `limit` means the end. */
  list<T>(table: DocumentTable, range: ListRange): Promise<readonly Stored<T>[]>;
  /** Briefs in key order, at most `limit` of them and, after the first, at most `maxBytes` of JSON. */
  listBriefs<B>(table: DocumentTable, range: ListRange & { readonly maxBytes: number }): Promise<BriefPage<B>>;
  /** How many documents begin with this key, at most `limit`: none of them is read. */
  count(table: DocumentTable, prefix: DocumentKey, limit: number): Promise<number>;
  /** Inserts many documents of one table; existing ones stay as they are. */
  insertAll<T>(table: DocumentTable, entries: readonly { key: DocumentKey; value: T }[]): Promise<void>;
  /** Creates the table if it does not exist. */
  ensureTable(table: DocumentTable): Promise<void>;
}
