/** How much a workspace may hold. */
export interface Quotas {
  /** Stored jobs. */
  readonly jobs: number;
  /** Bytes of one job's script. */
  readonly scriptBytes: number;
  /** Data sources of its own. */
  readonly dataSources: number;
  /** API tokens, revoked ones included: they are kept for the record. */
  readonly tokens: number;
  /** Runs that have not ended, queued ones included. */
  readonly queuedRuns: number;
}

/** The quotas of a workspace to which no others were given. */
export const defaultQuotas: Quotas = {
  jobs: 2000,
  scriptBytes: 1024 * 1024,
  dataSources: 1000,
  tokens: 500,
  queuedRuns: 2000,
};

/** Their names, as users write them. */
export const quotaNames = [
  "jobs",
  "scriptBytes",
  "dataSources",
  "tokens",
  "queuedRuns",
] as const satisfies readonly (keyof Quotas)[];

/** The most that a quota can be set to: what one list of small rows can count. */
export const MOST_OF_ANY: Quotas = {
  jobs: 100_000,
  scriptBytes: 1024 * 1024,
  dataSources: 10_000,
  tokens: 10_000,
  queuedRuns: 100_000,
};
