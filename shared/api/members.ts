import { z } from "zod";
import type { MemberView } from "../model/identity.js";
import type { Endpoint } from "./endpoint.js";
import { roleSchema } from "./inputs.js";
import { pageOf, pageQuery } from "./paging.js";

const putBody = z.object({ role: roleSchema });

const memberView = z
  .object({ subject: z.string(), role: roleSchema, updatedAt: z.string(), version: z.int() })
  .meta({ id: "Member" }) satisfies z.ZodType<MemberView>;

/** Roles of people whom the identity provider signs in. */
export const memberEndpoints = {
  members: {
    method: "GET",
    path: "/v1/members",
    role: "admin",
    summary: "List members and their roles",
    result: "people of the identity provider with a role here",
    query: pageQuery,
    answer: pageOf(memberView),
  },
  putMember: {
    method: "PUT",
    path: "/v1/members/{subject}",
    role: "admin",
    summary: "Give a person a role",
    result: "the member",
    body: putBody,
    answer: memberView,
    version: "both",
    repeatable: true,
  },
  removeMember: {
    method: "DELETE",
    path: "/v1/members/{subject}",
    role: "admin",
    summary: "Take a person's role away",
    answer: null,
    status: 204,
    version: "takes",
  },
} as const satisfies Record<string, Endpoint>;
