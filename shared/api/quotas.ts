import { z } from "zod";
import { MOST_OF_ANY, type Quotas } from "../model/quotas.js";
import type { Endpoint } from "./endpoint.js";

const limit = (name: keyof Quotas) => z.int().min(0).max(MOST_OF_ANY[name]).optional();

const changeBody = z.strictObject({
  jobs: limit("jobs"),
  scriptBytes: limit("scriptBytes"),
  dataSources: limit("dataSources"),
  tokens: limit("tokens"),
  queuedRuns: limit("queuedRuns"),
});

/** `used` is null for what is no sum: the size of a script is each script's own. */
const quotaAnswer = z.object({ limit: z.int(), used: z.int().nullable() });

const quotasAnswer = z
  .object({
    jobs: quotaAnswer,
    scriptBytes: quotaAnswer,
    dataSources: quotaAnswer,
    tokens: quotaAnswer,
    queuedRuns: quotaAnswer,
  })
  .meta({ id: "Quotas" });

/** Show and set what a workspace may hold. */
export const quotaEndpoints = {
  quotas: {
    method: "GET",
    path: "/v1/workspaces/{name}/quotas",
    role: "viewer",
    summary: "Show what a workspace may hold and what it holds",
    result: "per quota the limit and what is used of it; from `default` those of any workspace",
    answer: quotasAnswer,
  },
  setQuotas: {
    method: "PUT",
    path: "/v1/workspaces/{name}/quotas",
    role: "admin",
    summary: "Set what a workspace may hold; for admins of the default one",
    result: "the same; takes an admin of `default`",
    body: changeBody,
    answer: quotasAnswer,
    repeatable: true,
  },
} as const satisfies Record<string, Endpoint>;
