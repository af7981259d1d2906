import { tokenEndpoints } from "../../shared/api/tokens.js";
import { answered } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { createToken, revokeToken, viewToken } from "../../shared/identity/tokens.js";
import { keepQuota } from "../../shared/store/keep-quota.js";
import type { ApiContext } from "./context.js";

/** Make, list and revoke API tokens of a workspace. */
export const tokenRoutes: readonly Route<ApiContext>[] = [
  {
    ...tokenEndpoints.createToken,
    async handle(request, _names, { services, workspace, caller, audit }) {
      const body = parseBody(request, tokenEndpoints.createToken.body);
      const expiresAt = body.expiresAt === null ? null : new Date(body.expiresAt).toISOString();
      const asked = { ...body, expiresAt };
      await keepQuota(services, workspace, "tokens");
      const by = { workspace, by: caller.id, now: services.now() };
      const { token, view } = await createToken(services.tokens, asked, by);
      await audit({ action: "token.create", object: `token/${view.id}`, after: view });
      // Neither caches nor our own idempotency keep what is shown once.
      return answered(tokenEndpoints.createToken, { ...view, token }, { headers: { "cache-control": "no-store" } });
    },
  },
  {
    ...tokenEndpoints.tokens,
    async handle(request, _names, { services, workspace }) {
      const { limit, page } = parseQuery(request, tokenEndpoints.tokens.query);
      const { items, nextPage } = await services.tokens.list(workspace, limit, page);
      return answered(tokenEndpoints.tokens, {
        items: items.map((token) => viewToken(token, services.now())),
        nextPage,
      });
    },
  },
  {
    ...tokenEndpoints.revokeToken,
    async handle(_request, { id = "" }, { services, workspace, audit }) {
      const which = { workspace, id, now: services.now() };
      const { before, after } = await revokeToken(services.tokens, which);
      if (before.state !== after.state) await audit({ action: "token.revoke", object: `token/${id}`, before, after });
      return answered(tokenEndpoints.revokeToken, after);
    },
  },
];
