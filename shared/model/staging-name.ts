/** The folder, beside an object in the making, of what is no file of anybody's: whoever lists files passes over names that begin with a dot. */
export const STAGING_FOLDER = ".sluice-staging/";

/** True for the key of what waits to become part of an object: nothing reads, removes or starts by it but the run that put it there. */
export function isStaging(key: string): boolean {
  return key.startsWith(STAGING_FOLDER) || key.includes(`/${STAGING_FOLDER}`);
}
