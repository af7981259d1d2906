import { z } from "zod";
import type { TokenView } from "../model/identity.js";
import type { Endpoint } from "./endpoint.js";
import { roleSchema, timeSchema } from "./inputs.js";
import { pageOf, pageQuery } from "./paging.js";

const createBody = z.object({
  name: z.string({ error: "expected a name to recognize the token by" }).trim().min(1).max(80),
  role: roleSchema,
  /** ISO time with its zone. */
  expiresAt: timeSchema.nullable().default(null),
});

const tokenView = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string(),
    role: roleSchema,
    state: z.enum(["active", "expired", "revoked"]),
    createdAt: z.string(),
    createdBy: z.string(),
    expiresAt: z.string().nullable(),
    revokedAt: z.string().nullable(),
    lastUsedAt: z.string().nullable(),
  })
  .meta({ id: "Token" }) satisfies z.ZodType<TokenView>;

/** Make, list and revoke API tokens of a workspace. */
export const tokenEndpoints = {
  createToken: {
    method: "POST",
    path: "/v1/tokens",
    role: "admin",
    summary: "Make a token, shown this once",
    result: "the token with its text in `token`, this once",
    body: createBody,
    answer: z.object({ ...tokenView.shape, token: z.string() }),
    status: 201,
  },
  tokens: {
    method: "GET",
    path: "/v1/tokens",
    role: "admin",
    summary: "List tokens without their text",
    result: "tokens: prefix, role, state, last use to the hour",
    query: pageQuery,
    answer: pageOf(tokenView),
  },
  revokeToken: {
    method: "POST",
    path: "/v1/tokens/{id}/revoke",
    role: "admin",
    summary: "Revoke a token at once and for good",
    result: "the token, revoked",
    answer: tokenView,
    repeatable: true,
  },
} as const satisfies Record<string, Endpoint>;
