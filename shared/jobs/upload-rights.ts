import { UserError } from "../model/errors.js";
import { DEFAULT_WORKSPACE, type UploadPlace, type Workspace } from "../model/workspace.js";
import { LANDING_PREFIX, landingBucketOf } from "../platform/landing.js";
import type { Services } from "../services.js";

type Rooms = Pick<Services, "workspaces" | "stage">;

/** An object that was uploaded. */
type Place = Readonly<Record<"bucket" | "key", string>>;

/**
 * Whether a workspace may hear of an object. What lies below `landing/<workspace>/` of the landing bucket belongs to that workspace,
 * anything else to the default one; others hear of it by a grant of the installation's admins. Asked at each upload: a workspace may
 * have been made, or a grant taken back, since the job was stored.
 */
export async function mayHear(rooms: Rooms, workspace: Workspace, object: Place): Promise<boolean> {
  if (covered(workspace.uploadGrants, { bucket: object.bucket, prefix: object.key })) return true;
  return (await ownerOf(rooms, object)) === workspace.name;
}

/**
 * Checks where a job wants to hear of uploads.
 *
 * @throws UserError FORBIDDEN naming the prefix that the workspace has
 */
export async function checkSubscription(rooms: Rooms, workspace: Workspace, wanted: UploadPlace): Promise<void> {
  const own = `${LANDING_PREFIX}${workspace.name}/`;
  const bucket = landingBucketOf(rooms.stage);
  if (wanted.bucket === bucket && wanted.prefix.startsWith(own)) return;
  if (covered(workspace.uploadGrants, wanted)) return;
  const owner = await ownerOf(rooms, { bucket: wanted.bucket, key: wanted.prefix });
  // The default workspace has what belongs to nobody else; what does is left out, upload by upload.
  if (workspace.name === DEFAULT_WORKSPACE && owner === DEFAULT_WORKSPACE) return;
  throw new UserError(
    "FORBIDDEN",
    `subscription: uploads below "${wanted.prefix}" in bucket ${wanted.bucket} are not workspace "${workspace.name}"'s to hear of; its own lie in bucket ${bucket} below ${own}`,
    {
      path: "subscription.prefix",
      hint: `Subscribe to ${own}, or have an admin of workspace "${DEFAULT_WORKSPACE}" grant this place: sluice workspace grant ${workspace.name} ${wanted.bucket} <prefix>.`,
    },
  );
}

function covered(grants: readonly UploadPlace[] | undefined, { bucket, prefix }: UploadPlace): boolean {
  return (grants ?? []).some((grant) => grant.bucket === bucket && prefix.startsWith(grant.prefix));
}

async function ownerOf({ workspaces, stage }: Rooms, { bucket, key }: Place): Promise<string> {
  const [name = "", ...below] = key.startsWith(LANDING_PREFIX) ? key.slice(LANDING_PREFIX.length).split("/") : [];
  if (bucket !== landingBucketOf(stage) || below.length === 0) return DEFAULT_WORKSPACE;
  return (await exists(workspaces, name)) ? name : DEFAULT_WORKSPACE;
}

async function exists(workspaces: Rooms["workspaces"], name: string): Promise<boolean> {
  // Other names are no workspace's, and no key that a table takes either.
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,59}$/.test(name)) return false;
  try {
    await workspaces.get(name);
    return true;
  } catch (error) {
    if (error instanceof UserError && error.code === "NOT_FOUND") return false;
    throw error;
  }
}
