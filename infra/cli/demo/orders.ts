/** A broken order in the generated file, and how it must come back from the run. */
export interface BrokenOrder {
  /** Number of the order whose line is broken. */
  readonly order: number;
  /** What is wrong, for people. */
  readonly what: string;
  /** Makes the broken line of the good one's fields. */
  readonly spoil: (fields: readonly string[]) => readonly string[];
}

const replace =
  (column: number, value: string) =>
  (fields: readonly string[]): readonly string[] =>
    fields.with(column, value);

/** The bad lines of the demo's file, each wrong in another way. */
export const brokenOrders: readonly BrokenOrder[] = [
  { order: 1_207, what: "text in a number", spoil: replace(2, "two") },
  { order: 31_415, what: "columns missing", spoil: (fields) => fields.slice(0, 2) },
  { order: 62_831, what: "a date that does not exist", spoil: replace(5, "2026-02-30 12:00:00") },
  { order: 99_999, what: "a decimal comma in a number", spoil: replace(3, '"19,99"') },
  { order: 123_456, what: "a number beyond 64 bits", spoil: replace(2, "99999999999999999999") },
  { order: 161_803, what: "neither true nor false", spoil: replace(4, "perhaps") },
  { order: 199_000, what: "no key", spoil: replace(0, "") },
];

/** Columns of the file, in order. */
export const orderColumns = ["order_id", "product", "quantity", "amount", "paid", "ordered_at"] as const;

const products = ["tea", "coffee", "rice bowl", '"lamp, brass"', "notebook", "茶壶", "fountain pen", "umbrella"];
const FIRST_ORDER_MS = Date.UTC(2026, 0, 1);
const ORDER_EVERY_MS = 97_000;

/**
 * Generates a CSV of orders with a header; the same text at every call.
 *
 * @param from   number of the first order, from 1 on
 * @param howMany  good and broken lines together
 * @param broken  lines to spoil
 */
export function ordersCsv(from: number, howMany: number, broken: readonly BrokenOrder[]): string {
  const spoiled = new Map(broken.map((one) => [one.order, one]));
  const lines: string[] = [orderColumns.join(",")];
  for (let order = from; order < from + howMany; order++) {
    const fields = orderFields(order);
    lines.push((spoiled.get(order)?.spoil(fields) ?? fields).join(","));
  }
  lines.push("");
  return lines.join("\n");
}

function orderFields(order: number): readonly string[] {
  // A multiplicative hash spreads the values; nothing here is random.
  const mixed = Math.imul(order, 2_654_435_761) >>> 0;
  return [
    String(order),
    products[mixed % products.length] ?? "tea",
    String((mixed % 5) + 1),
    ((mixed % 20_000) / 100).toFixed(2),
    mixed % 3 === 0 ? "false" : "true",
    new Date(FIRST_ORDER_MS + order * ORDER_EVERY_MS).toISOString().slice(0, 19).replace("T", " "),
  ];
}
