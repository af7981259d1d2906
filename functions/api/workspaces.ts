import { workspaceEndpoints } from "../../shared/api/workspaces.js";
import { answered, json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { UserError } from "../../shared/model/errors.js";
import { DEFAULT_WORKSPACE, type UploadPlace } from "../../shared/model/workspace.js";
import {
  changeUploadGrants,
  createWorkspace,
  incompleteSources,
  setWorkspaceZone,
  upgradeWorkspace,
} from "../../shared/sources/workspaces.js";
import { type ApiContext, listingPage } from "./context.js";

/** Make, show and upgrade workspaces. */
export const workspaceRoutes: readonly Route<ApiContext>[] = [
  {
    ...workspaceEndpoints.createWorkspace,
    async handle(request, _names, context) {
      demandDefault(context);
      const workspace = await createWorkspace(
        context.services,
        parseBody(request, workspaceEndpoints.createWorkspace.body),
      );
      await context.audit({
        action: "workspace.create",
        object: `workspace/${workspace.name}`,
        after: workspace,
      });
      return answered(workspaceEndpoints.createWorkspace, workspace);
    },
  },
  {
    ...workspaceEndpoints.workspaces,
    async handle(request, _names, { services, workspace }) {
      const all = await services.workspaces.all();
      const isRoot = workspace === DEFAULT_WORKSPACE;
      const seen = isRoot ? all : all.filter(({ name }) => name === workspace);
      return answered(
        workspaceEndpoints.workspaces,
        listingPage(seen, ({ name }) => name, parseQuery(request, workspaceEndpoints.workspaces.query)),
      );
    },
  },
  {
    ...workspaceEndpoints.workspace,
    async handle(_request, { name = "" }, context) {
      demandOwn(context, name);
      const { value } = await context.services.workspaces.get(name);
      return answered(workspaceEndpoints.workspace, {
        ...value,
        incomplete: await incompleteSources(context.services, value),
      });
    },
  },
  {
    ...workspaceEndpoints.upgradeWorkspace,
    async handle(_request, { name = "" }, context) {
      demandOwn(context, name);
      const { workspace, incomplete } = await upgradeWorkspace(context.services, name);
      await context.audit({ action: "workspace.upgrade", object: `workspace/${name}`, after: workspace });
      return answered(workspaceEndpoints.upgradeWorkspace, { ...workspace, incomplete });
    },
  },
  {
    ...workspaceEndpoints.grantUploads,
    handle: (request, { name = "" }, context) =>
      changeGrants(context, name, { place: parseBody(request, workspaceEndpoints.grantUploads.body), kind: "grant" }),
  },
  {
    ...workspaceEndpoints.revokeUploads,
    handle: (request, { name = "" }, context) =>
      changeGrants(context, name, {
        place: parseQuery(request, workspaceEndpoints.revokeUploads.query),
        kind: "revoke",
      }),
  },
  {
    ...workspaceEndpoints.setWorkspaceZone,
    async handle(request, { name = "" }, context) {
      demandOwn(context, name);
      const { timeZone } = parseBody(request, workspaceEndpoints.setWorkspaceZone.body);
      const { before, workspace } = await setWorkspaceZone(context.services, name, timeZone);
      await context.audit({ action: "workspace.time-zone", object: `workspace/${name}`, before, after: workspace });
      return answered(workspaceEndpoints.setWorkspaceZone, workspace);
    },
  },
];

async function changeGrants(
  context: ApiContext,
  name: string,
  { place, kind }: { place: UploadPlace; kind: "grant" | "revoke" },
) {
  demandDefault(context);
  const workspace = await changeUploadGrants(context.services, name, { ...place, kind });
  await context.audit({ action: `workspace.${kind}-uploads`, object: `workspace/${name}`, after: place });
  return json(200, workspace);
}

function demandDefault({ workspace }: ApiContext): void {
  if (workspace === DEFAULT_WORKSPACE) return;
  throw new UserError(
    "FORBIDDEN",
    `workspaces are made, and uploads granted, from workspace "${DEFAULT_WORKSPACE}", not from "${workspace}"`,
  );
}

/** The caller's role is one in the workspace of the request: it says nothing about others. */
function demandOwn({ workspace }: ApiContext, name: string): void {
  if (name === workspace) return;
  throw new UserError("NOT_FOUND", `there is no workspace "${name}" here: the request is for "${workspace}"`, {
    path: "x-sluice-workspace",
  });
}
