/** Where one definition of a data source applies. */
export type SourceEnvironment = "development" | "production";

/** Both environments, in the order of a change's way. */
export const sourceEnvironments = ["development", "production"] as const satisfies readonly SourceEnvironment[];

/** `basic` has production only; `standard` keeps development apart from production. */
export type WorkspaceMode = "basic" | "standard";

/** Where uploads are heard of: objects of a bucket whose keys begin so. */
export interface UploadPlace {
  readonly bucket: string;
  readonly prefix: string;
}

/** A room of its own for data sources, jobs and runs. */
export interface Workspace {
  readonly name: string;
  readonly mode: WorkspaceMode;
  readonly description: string;
  /** Zone of sides that have none of their own, such as files; an IANA name or an offset. */
  readonly timeZone: string;
  /** ISO time; null for the workspace that every installation has. */
  readonly createdAt: string | null;
  /** When it became standard; null when it was made so or is basic. */
  readonly upgradedAt: string | null;
  /** Uploads of others that the installation's admins let it hear of; absent = none. */
  readonly uploadGrants?: readonly UploadPlace[] | undefined;
}

/** The workspace that every installation has, and the one of a request that names none. */
export const DEFAULT_WORKSPACE = "default";
