import { z } from "zod";
import { json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { createToken, revokeToken, viewToken } from "../../shared/identity/tokens.js";
import type { TokenView } from "../../shared/model/identity.js";
import { keepQuota } from "../../shared/store/keep-quota.js";
import { type ApiContext, pageOf, pageQuery, roleSchema } from "./context.js";

const createBody = z.object({
  name: z.string({ error: "expected a name to recognize the token by" }).trim().min(1).max(80),
  role: roleSchema,
  /** ISO time with its zone. */
  expiresAt: z.iso
    .datetime({ offset: true, error: "expected an ISO time with its zone" })
    .max(40)
    .nullable()
    .default(null),
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
export const tokenRoutes: readonly Route<ApiContext>[] = [
  {
    method: "POST",
    path: "/v1/tokens",
    role: "admin",
    summary: "Make a token, shown this once",
    body: createBody,
    answer: z.object({ ...tokenView.shape, token: z.string() }),
    status: 201,
    async handle(request, _names, { services, workspace, caller, audit }) {
      const body = parseBody(request, createBody);
      const expiresAt = body.expiresAt === null ? null : new Date(body.expiresAt).toISOString();
      const asked = { ...body, expiresAt };
      await keepQuota(services, workspace, "tokens");
      const by = { workspace, by: caller.id, now: services.now() };
      const { token, view } = await createToken(services.tokens, asked, by);
      await audit({ action: "token.create", object: `token/${view.id}`, after: view });
      // Neither caches nor our own idempotency keep what is shown once.
      return json(201, { ...view, token }, { "cache-control": "no-store" });
    },
  },
  {
    method: "GET",
    path: "/v1/tokens",
    role: "admin",
    summary: "List tokens without their text",
    query: pageQuery,
    answer: pageOf(tokenView),
    async handle(request, _names, { services, workspace }) {
      const { limit, page } = parseQuery(request, pageQuery);
      const { items, nextPage } = await services.tokens.list(workspace, limit, page);
      return json(200, { items: items.map((token) => viewToken(token, services.now())), nextPage });
    },
  },
  {
    method: "POST",
    path: "/v1/tokens/{id}/revoke",
    role: "admin",
    summary: "Revoke a token at once and for good",
    answer: tokenView,
    async handle(_request, { id = "" }, { services, workspace, audit }) {
      const which = { workspace, id, now: services.now() };
      const { before, after } = await revokeToken(services.tokens, which);
      if (before.state !== after.state) await audit({ action: "token.revoke", object: `token/${id}`, before, after });
      return json(200, after);
    },
  },
];
