import { memberEndpoints } from "../../shared/api/members.js";
import { checkIfMatch, etag } from "../../shared/http/etag.js";
import { answered } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { UserError } from "../../shared/model/errors.js";
import { isoNow } from "../../shared/services.js";
import { viewMember } from "../../shared/store/members-store.js";
import type { ApiContext } from "./context.js";

/** Roles of people whom the identity provider signs in. */
export const memberRoutes: readonly Route<ApiContext>[] = [
  {
    ...memberEndpoints.members,
    async handle(request, _names, { services, workspace }) {
      const { limit, page } = parseQuery(request, memberEndpoints.members.query);
      return answered(memberEndpoints.members, await services.members.list(workspace, limit, page));
    },
  },
  {
    ...memberEndpoints.putMember,
    async handle(request, { subject = "" }, { services, workspace, audit }) {
      const { role } = parseBody(request, memberEndpoints.putMember.body);
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
      return answered(memberEndpoints.putMember, after, { headers: etag(after.version) });
    },
  },
  {
    ...memberEndpoints.removeMember,
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
