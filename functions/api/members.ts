import { z } from "zod";
import { checkIfMatch, etag } from "../../shared/http/etag.js";
import { json } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { UserError } from "../../shared/model/errors.js";
import type { MemberView } from "../../shared/model/identity.js";
import { isoNow } from "../../shared/services.js";
import { viewMember } from "../../shared/store/members-store.js";
import { type ApiContext, pageOf, pageQuery, roleSchema } from "./context.js";

const putBody = z.object({ role: roleSchema });

const memberView = z
  .object({ subject: z.string(), role: roleSchema, updatedAt: z.string(), version: z.int() })
  .meta({ id: "Member" }) satisfies z.ZodType<MemberView>;

/** Roles of people whom the identity provider signs in. */
export const memberRoutes: readonly Route<ApiContext>[] = [
  {
    method: "GET",
    path: "/v1/members",
    role: "admin",
    summary: "List members and their roles",
    query: pageQuery,
    answer: pageOf(memberView),
    async handle(request, _names, { services, workspace }) {
      const { limit, page } = parseQuery(request, pageQuery);
      return json(200, await services.members.list(workspace, limit, page));
    },
  },
  {
    method: "PUT",
    path: "/v1/members/{subject}",
    role: "admin",
    summary: "Give a person a role",
    body: putBody,
    answer: memberView,
    version: "both",
    async handle(request, { subject = "" }, { services, workspace, audit }) {
      const { role } = parseBody(request, putBody);
      if (subject.length > 200)
        throw new UserError("CONFIG_INVALID", "subject: at most 200 characters", { path: "subject" });
      const found = await services.members.find(workspace, subject);
      const version = found?.version ?? 0;
      checkIfMatch(request, version);
      const value = { role, updatedAt: isoNow(services) };
      if (!(await services.members.replace({ key: [workspace, subject], value, version })))
        throw new UserError("CONFLICT", `member "${subject}" was changed by somebody else at the same moment`);
      const after = viewMember({ key: [workspace, subject], value, version: version + 1 });
      const before = found ? { before: viewMember(found) } : {};
      await audit({ action: "member.store", object: `member/${subject}`, ...before, after });
      return json(200, after, etag(after.version));
    },
  },
  {
    method: "DELETE",
    path: "/v1/members/{subject}",
    role: "admin",
    summary: "Take a person's role away",
    answer: null,
    status: 204,
    version: "takes",
    async handle(request, { subject = "" }, { services, workspace, audit }) {
      const found = await services.members.find(workspace, subject);
      if (!found) throw new UserError("NOT_FOUND", `there is no member "${subject}"`, { path: "subject" });
      checkIfMatch(request, found.version);
      await services.members.remove(workspace, subject);
      await audit({ action: "member.remove", object: `member/${subject}`, before: viewMember(found) });
      return { statusCode: 204, headers: {}, body: "", isBase64Encoded: false };
    },
  },
];
