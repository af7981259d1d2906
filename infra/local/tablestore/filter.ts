import { limits } from "./limits.js";
import { decodeFilterMessage, type FilterMessage, type SingleColumnFilterMessage } from "./messages.js";
import { invalid } from "./ots-error.js";
import { decodeVariant, PlainBufferError, type PlainCell } from "./plainbuffer.js";
import { compareVariants } from "./variant.js";

/** The part of a row that a filter may look at; several cells of one name are versions, newest first. */
export interface FilterView {
  readonly key: readonly PlainCell[];
  readonly attributes: readonly PlainCell[];
}

/** A filter ready to use. */
export interface Filter {
  matches(row: FilterView): boolean;
  /** Which of the row's attribute columns to return; null = all. */
  readonly paging: { readonly offset: number; readonly limit: number } | null;
}

type Test = (row: FilterView) => boolean;

const filterType = { single: 1, composite: 2, paging: 3 } as const;
const combinator = { not: 1, and: 2, or: 3 } as const;

// By number of the comparator; the sign is that of (cell - constant), null when the two cannot be compared.
const comparisons: Readonly<Record<number, (sign: number | null) => boolean>> = {
  1: (sign) => sign === 0,
  2: (sign) => sign !== 0,
  3: (sign) => sign !== null && sign > 0,
  4: (sign) => sign !== null && sign >= 0,
  5: (sign) => sign !== null && sign < 0,
  6: (sign) => sign !== null && sign <= 0,
};

/**
 * Makes a filter from its serialized form.
 *
 * @throws OtsError OTSParameterInvalid when it cannot be decoded, is nested wrongly, or has too many parts
 */
export function parseFilter(bytes: Buffer): Filter {
  const message = decoded(() => decodeFilterMessage("Filter", bytes));
  if (message.type === filterType.paging) return pagingFilter(message);
  const count = { columns: 0 };
  const matches = testOf(message, count);
  if (count.columns > limits.filters) {
    throw invalid(`A filter compares at most ${limits.filters} columns, this one ${count.columns}.`);
  }
  return { matches, paging: null };
}

/**
 * Makes a column condition: a filter that decides about a write, so paging makes no sense in it.
 *
 * @throws OtsError OTSParameterInvalid
 */
export function parseColumnCondition(bytes: Buffer): Test {
  const filter = parseFilter(bytes);
  if (filter.paging) throw invalid("A column condition cannot be a pagination filter.");
  return filter.matches;
}

function pagingFilter(message: FilterMessage): Filter {
  const { offset, limit } = decoded(() => decodeFilterMessage("ColumnPaginationFilter", message.filter));
  if (offset < 0 || limit < 1) throw invalid(`Invalid column pagination: offset ${offset}, limit ${limit}.`);
  return { matches: () => true, paging: { offset, limit } };
}

function testOf(message: FilterMessage, count: { columns: number }): Test {
  switch (message.type) {
    case filterType.single:
      count.columns += 1;
      return singleTest(decoded(() => decodeFilterMessage("SingleColumnValueFilter", message.filter)));
    case filterType.composite:
      return compositeTest(message, count);
    default:
      throw invalid("A composite filter holds only column and composite filters.");
  }
}

function compositeTest(message: FilterMessage, count: { columns: number }): Test {
  const composite = decoded(() => decodeFilterMessage("CompositeColumnValueFilter", message.filter));
  const tests = composite.subFilters.map((sub) => testOf(sub, count));
  const [first, ...others] = tests;
  if (!first) throw invalid("A composite filter needs at least one part.");
  switch (composite.combinator) {
    case combinator.not:
      if (others.length > 0) throw invalid("NOT takes exactly one filter.");
      return (row) => !first(row);
    case combinator.and:
      return (row) => tests.every((test) => test(row));
    case combinator.or:
      return (row) => tests.some((test) => test(row));
    default:
      throw invalid(`Unknown logical operator ${composite.combinator}.`);
  }
}

function singleTest(message: SingleColumnFilterMessage): Test {
  const holds = comparisons[message.comparator];
  if (!holds) throw invalid(`Unknown comparator ${message.comparator}.`);
  const { columnName, filterIfMissing, latestVersionOnly } = message;
  const constant = decoded(() => decodeVariant(message.columnValue));
  const test = (cell: PlainCell) => cell.value !== undefined && holds(compareVariants(cell.value, constant));
  return (row) => {
    const cells = cellsOf(row, columnName);
    const [newest] = cells;
    if (!newest) return !filterIfMissing;
    return latestVersionOnly ? test(newest) : cells.some(test);
  };
}

function cellsOf(row: FilterView, name: string): readonly PlainCell[] {
  const versions = row.attributes.filter((cell) => cell.name === name);
  return versions.length > 0 ? versions : row.key.filter((cell) => cell.name === name);
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    const reason = cause instanceof PlainBufferError ? ` ${cause.message}` : "";
    throw invalid(`The filter cannot be decoded.${reason}`);
  }
}
