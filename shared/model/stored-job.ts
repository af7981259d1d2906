/** What a job does and when it starts: one version of it. */
export interface JobVersion {
  /** The script as the user wrote it; connections that it carried are taken out, and comments with them. */
  readonly script: string;
  readonly schedule: { readonly cron: string; readonly timeZone: string } | null;
  readonly subscription: { readonly bucket: string; readonly prefix: string; readonly suffix: string } | null;
  /** Values for `${name}` when the job is started by its schedule or an upload. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Names of the data sources that the script uses. */
  readonly dataSources: readonly string[];
}

/** The version that schedules and uploads start. */
export interface PublishedVersion extends JobVersion {
  /** Version of the job that was published. */
  readonly version: number;
  readonly publishedAt: string;
}

/** A stored job: its draft, and what is published of it. In a basic workspace saving publishes. */
export interface StoredJob extends JobVersion {
  readonly name: string;
  readonly production: PublishedVersion | null;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A stored job as lists show it: small whatever is stored, without scripts and parameters. */
export interface JobSummary extends Omit<StoredJob, "script" | "parameters" | "production"> {
  readonly production: Omit<PublishedVersion, "script" | "parameters"> | null;
}
