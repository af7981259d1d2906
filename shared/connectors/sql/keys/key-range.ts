/** What a key column holds, as far as comparing and halving need to know. */
export type KeyKind = "integer" | "decimal" | "datetime" | "time" | "text" | "bytes";

/** A column of a key. */
export interface KeyColumn {
  readonly name: string;
  readonly kind: KeyKind;
  /** What a literal must say of its type, in the system's words, where one without would be compared in another order than the column's. */
  readonly literalType?: string;
}

/** Values of a key's columns in order, as canonical text; bytes as hex digits. */
export type KeyValue = readonly string[];

/** The keys `(after, upTo]`; null = no bound on that side. Both may be shorter than the key: then only leading columns count. */
export interface KeyRange {
  readonly after: KeyValue | null;
  readonly upTo: KeyValue | null;
}
