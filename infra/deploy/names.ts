/** Bucket whose uploads under {@link LANDING_PREFIX} start subscribed jobs. */
export function landingBucketOf(stage: string): string {
  return `sluice-${stage}-landing`;
}

/** Where uploads that start jobs must lie: not below what a job itself writes. */
export const LANDING_PREFIX = "landing/";

/** The deployed name of a function. */
export function deployedName(stage: string, name: string): string {
  return `sluice-${stage}-${name}`;
}
