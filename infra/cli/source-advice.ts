/**
 * What to do about a data source that a job names and nobody registered, or null when the message tells of something else.
 *
 * @param message  an error message of the API
 */
export function missingSourceAdvice(message: string): string | null {
  const [, name] = /data source "([^"]+)"/i.exec(message) ?? [];
  if (name === undefined || !/\b(no|not|unknown|missing)\b/i.test(message)) return null;
  return `register it: sluice source add ${name} --type <type> --set <property>=<value> … (sluice source list shows what exists)`;
}
