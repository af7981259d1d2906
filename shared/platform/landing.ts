/** Bucket whose uploads under {@link LANDING_PREFIX} start subscribed jobs: there the dispatcher's trigger in `s.yaml` looks. */
export function landingBucketOf(stage: string): string {
  return `sluice-${stage}-landing`;
}

/** Where uploads that start jobs must lie: not below what a job itself writes. */
export const LANDING_PREFIX = "landing/";
