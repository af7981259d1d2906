const digits =
  "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";

/** A derived table with the rows `first` to `last` in a column `seq`: what `seq_1_to_…` is in MariaDB, for every server. */
export function sequence(last: number, first = 1): string {
  const count = last - first + 1;
  const places = Array.from({ length: String(count - 1).length }, (_, place) => place).reverse();
  const sum = places.map((place) => `p${place}.d * ${10 ** place}`).join(" + ");
  const from = places.map((place) => `${digits} p${place}`).join(" STRAIGHT_JOIN ");
  return `(SELECT ${sum} + ${first} AS seq FROM ${from} WHERE ${sum} < ${count}) AS sequence`;
}

/** The statement with a derived table for each `seq_1_to_…` or `seq_0_to_…` that a server without MariaDB's Sequence engine does not know. */
export function withSequences(sql: string): string {
  return sql.replace(/\bseq_([01])_to_(\d+)\b/g, (_, first, last) => sequence(Number(last), Number(first)));
}
