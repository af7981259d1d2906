/**
 * What to do about a data source that a job names and that is not there, or not there for the environment; null when the
 * message tells of something else.
 *
 * @param message  an error message of the API
 */
export function missingSourceAdvice(message: string): string | null {
  const [, name] = /data source "([^"]+)"/i.exec(message) ?? [];
  if (name === undefined) return null;
  const [, environment] = /\b(?:not configured for|has no) (development|production)\b/.exec(message) ?? [];
  if (environment !== undefined) {
    const copy = `sluice source clone ${name} ${name} --from ${environment === "production" ? "development" : "production"} --into ${environment}`;
    return `configure it: ${copy}, or sluice source edit ${name} --environment ${environment} --set <property>=<value> …`;
  }
  if (!/\b(is not registered|does not exist|there is no)\b/i.test(message)) return null;
  const add = `sluice source add ${name} --type <type> --set <property>=<value> …`;
  return `register it: ${add} (sluice source list shows what exists, with --deleted what can be restored)`;
}
