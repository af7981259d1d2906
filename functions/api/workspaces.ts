import { z } from "zod";
import { json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { UserError } from "../../shared/model/errors.js";
import { DEFAULT_WORKSPACE_ZONE } from "../../shared/model/side-zone.js";
import { DEFAULT_WORKSPACE, sourceEnvironments, type UploadPlace } from "../../shared/model/workspace.js";
import {
  changeUploadGrants,
  createWorkspace,
  incompleteSources,
  setWorkspaceZone,
  upgradeWorkspace,
} from "../../shared/sources/workspaces.js";
import { workspaceAnswer } from "./answers.js";
import { nameText } from "./bounded.js";
import { type ApiContext, cut, pageOf, pageQuery } from "./context.js";

const createBody = z.object({
  name: nameText("expected the workspace's name"),
  mode: z.enum(["basic", "standard"]).default("basic"),
  description: z.string().max(80).default(""),
  timeZone: z.string().max(64).default(DEFAULT_WORKSPACE_ZONE),
});

const uploadPlace = z.object({
  bucket: z.string({ error: "expected a bucket's name" }).min(3).max(63),
  prefix: z.string({ error: "expected what keys begin with" }).max(1023),
});

const zoneBody = z.object({ timeZone: z.string({ error: "expected a time zone such as Asia/Shanghai" }).max(64) });

const withIncomplete = z.object({
  ...workspaceAnswer.shape,
  incomplete: z.array(z.object({ name: z.string(), missing: z.array(z.enum(sourceEnvironments)) })),
});

/** Make, show and upgrade workspaces. */
export const workspaceRoutes: readonly Route<ApiContext>[] = [
  {
    method: "POST",
    path: "/v1/workspaces",
    role: "admin",
    summary: "Make a workspace; for admins of the default one",
    body: createBody,
    answer: workspaceAnswer,
    status: 201,
    async handle(request, _names, context) {
      demandDefault(context);
      const workspace = await createWorkspace(context.services, parseBody(request, createBody));
      await context.audit({
        action: "workspace.create",
        object: `workspace/${workspace.name}`,
        after: workspace,
      });
      return json(201, workspace);
    },
  },
  {
    method: "GET",
    path: "/v1/workspaces",
    role: "viewer",
    summary: "List workspaces: all for members of the default one, else one's own",
    query: pageQuery,
    answer: pageOf(workspaceAnswer),
    async handle(request, _names, { services, workspace }) {
      const all = await services.workspaces.all();
      const isRoot = workspace === DEFAULT_WORKSPACE;
      const seen = isRoot ? all : all.filter(({ name }) => name === workspace);
      return json(
        200,
        cut(seen, ({ name }) => name, parseQuery(request, pageQuery)),
      );
    },
  },
  {
    method: "GET",
    path: "/v1/workspaces/{name}",
    role: "viewer",
    summary: "Show a workspace, and the data sources that are left to configure",
    answer: withIncomplete,
    async handle(_request, { name = "" }, context) {
      demandOwn(context, name);
      const { value } = await context.services.workspaces.get(name);
      return json(200, { ...value, incomplete: await incompleteSources(context.services, value) });
    },
  },
  {
    method: "POST",
    path: "/v1/workspaces/{name}/upgrade",
    role: "admin",
    summary: "Make a basic workspace standard; there is no way back",
    answer: withIncomplete,
    async handle(_request, { name = "" }, context) {
      demandOwn(context, name);
      const { workspace, incomplete } = await upgradeWorkspace(context.services, name);
      await context.audit({ action: "workspace.upgrade", object: `workspace/${name}`, after: workspace });
      return json(200, { ...workspace, incomplete });
    },
  },
  {
    method: "PUT",
    path: "/v1/workspaces/{name}/upload-grants",
    role: "admin",
    summary: "Let a workspace hear of uploads below a prefix that is not its own; for admins of the default one",
    body: uploadPlace,
    answer: workspaceAnswer,
    handle: (request, { name = "" }, context) =>
      changeGrants(context, name, { place: parseBody(request, uploadPlace), kind: "grant" }),
  },
  {
    method: "DELETE",
    path: "/v1/workspaces/{name}/upload-grants",
    role: "admin",
    summary: "Take such a grant back; for admins of the default one",
    query: uploadPlace,
    answer: workspaceAnswer,
    handle: (request, { name = "" }, context) =>
      changeGrants(context, name, { place: parseQuery(request, uploadPlace), kind: "revoke" }),
  },
  {
    method: "PUT",
    path: "/v1/workspaces/{name}/time-zone",
    role: "admin",
    summary: "Set the time zone of files and other systems that have none of their own",
    body: zoneBody,
    answer: workspaceAnswer,
    async handle(request, { name = "" }, context) {
      demandOwn(context, name);
      const { timeZone } = parseBody(request, zoneBody);
      const { before, workspace } = await setWorkspaceZone(context.services, name, timeZone);
      await context.audit({ action: "workspace.time-zone", object: `workspace/${name}`, before, after: workspace });
      return json(200, workspace);
    },
  },
];

async function changeGrants(
  context: ApiContext,
  name: string,
  { place, kind }: { place: UploadPlace; kind: "grant" | "revoke" },
) {
  demandDefault(context);
  const workspace = await changeUploadGrants(context.services, name, place, kind);
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
