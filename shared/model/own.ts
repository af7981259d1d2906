/**
 * What a table has under a name that somebody else chose; undefined for all else, the names of `Object.prototype`
 * (`constructor`, `toString`, `__proto__`) included.
 */
export function own<T>(table: Readonly<Record<string, T>>, name: string | null | undefined): T | undefined {
  return name !== null && name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
