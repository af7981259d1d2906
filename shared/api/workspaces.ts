import { z } from "zod";
import { DEFAULT_WORKSPACE_ZONE } from "../model/side-zone.js";
import { sourceEnvironments, type Workspace } from "../model/workspace.js";
import { nameText } from "./bounded.js";
import type { Endpoint } from "./endpoint.js";
import { pageOf, pageQuery } from "./paging.js";

/** A workspace. */
export const workspaceAnswer = z
  .object({
    name: z.string(),
    mode: z.enum(["basic", "standard"]),
    description: z.string(),
    timeZone: z.string(),
    createdAt: z.string().nullable(),
    upgradedAt: z.string().nullable(),
    uploadGrants: z.array(z.object({ bucket: z.string(), prefix: z.string() })).optional(),
  })
  .meta({ id: "Workspace" }) satisfies z.ZodType<Workspace>;
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
export const workspaceEndpoints = {
  createWorkspace: {
    method: "POST",
    path: "/v1/workspaces",
    role: "admin",
    summary: "Make a workspace; for admins of the default one",
    result: "the workspace; takes an admin of `default`",
    body: createBody,
    answer: workspaceAnswer,
    status: 201,
  },
  workspaces: {
    method: "GET",
    path: "/v1/workspaces",
    role: "viewer",
    summary: "List workspaces: all for members of the default one, else one's own",
    result: "workspaces: one's own, or all from `default`",
    query: pageQuery,
    answer: pageOf(workspaceAnswer),
  },
  workspace: {
    method: "GET",
    path: "/v1/workspaces/{name}",
    role: "viewer",
    summary: "Show a workspace, and the data sources that are left to configure",
    result: "the workspace, and data sources left to configure",
    answer: withIncomplete,
  },
  upgradeWorkspace: {
    method: "POST",
    path: "/v1/workspaces/{name}/upgrade",
    role: "admin",
    summary: "Make a basic workspace standard; there is no way back",
    result: "basic becomes standard; what is left to do",
    answer: withIncomplete,
  },
  grantUploads: {
    method: "PUT",
    path: "/v1/workspaces/{name}/upload-grants",
    role: "admin",
    summary: "Let a workspace hear of uploads below a prefix that is not its own; for admins of the default one",
    result: "the workspace, which from now on hears of these uploads, too; takes an admin of `default`",
    body: uploadPlace,
    answer: workspaceAnswer,
    repeatable: true,
  },
  revokeUploads: {
    method: "DELETE",
    path: "/v1/workspaces/{name}/upload-grants",
    role: "admin",
    summary: "Take such a grant back; for admins of the default one",
    result: "the workspace without that grant; takes an admin of `default`",
    query: uploadPlace,
    answer: workspaceAnswer,
    repeatable: true,
  },
  setWorkspaceZone: {
    method: "PUT",
    path: "/v1/workspaces/{name}/time-zone",
    role: "admin",
    summary: "Set the time zone of files and other systems that have none of their own",
    result: "the workspace; files and other systems without a zone of their own are in it",
    body: zoneBody,
    answer: workspaceAnswer,
    repeatable: true,
  },
} as const satisfies Record<string, Endpoint>;
