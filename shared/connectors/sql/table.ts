import type { ColumnType } from "../../model/batch.js";
import type { KeyKind } from "./keys/key-range.js";

/** A column of a table as the server declares it; systems add what is theirs. */
export interface SqlTableColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Name of the type alone, lower-case, such as `varchar`. */
  readonly dataType: string;
  /** The type as it was declared, lower-case, such as `varchar(20)`. */
  readonly declared: string;
  readonly isNullable: boolean;
  /** The server computes it: nobody writes it. */
  readonly isGenerated: boolean;
  /** `*` does not stand for it. */
  readonly isInvisible: boolean;
  /** Values are moments, whatever clock shows them, such as a TIMESTAMP of MySQL. */
  readonly isMoment: boolean;
  /** How its values are compared and halved; null = it has no order that SQL text can express, so it is no key. */
  readonly keyKind: KeyKind | null;
  /** See `KeyColumn`. */
  readonly literalType?: string;
  /** The last code point that a text column takes: others would be compared past its index; absent = only ASCII is sure. */
  readonly maxCodePoint?: number;
  /** Most characters of a text column, most bytes of a binary one. */
  readonly maxLength: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
}

/** An index over whole columns; those over prefixes or expressions, or over some rows, are left out. */
export interface TableIndex {
  readonly name: string;
  readonly isPrimary: boolean;
  readonly isUnique: boolean;
  /** Ranges can be looked up in it: it is sorted, and the optimizer may use it. */
  readonly isSorted: boolean;
  readonly columns: readonly string[];
}

/** What the server knows about a table or view. */
export interface TableInfo<T extends SqlTableColumn = SqlTableColumn> {
  /** Quoted, with its schema, for use in statements. */
  readonly sqlName: string;
  /** For people: `schema.table`. */
  readonly title: string;
  readonly columns: readonly T[];
  /** The primary key first. */
  readonly indexes: readonly TableIndex[];
  /** False = what it took cannot be rolled back. */
  readonly isTransactional: boolean;
  /** The server's estimate. */
  readonly rows: number;
}

/** The column that a name means: that very one, else the only one that differs in case alone. */
export function columnNamed<T extends { readonly name: string }>(columns: readonly T[], name: string): T | undefined {
  const exact = columns.find((column) => column.name === name);
  if (exact) return exact;
  const alike = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}
