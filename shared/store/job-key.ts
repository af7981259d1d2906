import { createHash } from "node:crypto";

/** Names a stored job. */
export interface JobRef {
  readonly workspace: string;
  readonly job: string;
}

/** The key of what is kept of a job: two digits of its hash before its name, so that partitions spread though names do not. */
export function jobKeyOf({ workspace, job }: JobRef): string {
  const name = `${workspace}/${job}`;
  return `${createHash("sha256").update(name).digest("hex").slice(0, 2)}/${name}`;
}

/** The job of a key. */
export function jobOfKey(key: string): JobRef {
  const [, workspace = "", job = ""] = key.split("/");
  return { workspace, job };
}
