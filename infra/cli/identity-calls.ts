import type { AuditRecord, MemberView, Role, TokenView } from "../../shared/model/identity.js";
import type { Page } from "./page.js";
import { type ApiAddress, type Query, request, send } from "./request.js";

/** What `POST /v1/tokens` takes. */
export interface TokenRequest {
  readonly name: string;
  readonly role: Role;
  /** ISO time; null = never. */
  readonly expiresAt: string | null;
}

/** The calls about tokens, members and the audit trail. */
export function identityCalls(address: ApiAddress) {
  return {
    createToken: (body: TokenRequest) =>
      request<TokenView & { readonly token: string }>(address, {
        method: "POST",
        path: "/v1/tokens",
        body: { ...body },
        once: true,
      }),
    tokens: (query: Query) => request<Page<TokenView>>(address, { method: "GET", path: "/v1/tokens", query }),
    revokeToken: (id: string) =>
      request<TokenView>(address, { method: "POST", path: `/v1/tokens/${encodeURIComponent(id)}/revoke` }),
    members: (query: Query) => request<Page<MemberView>>(address, { method: "GET", path: "/v1/members", query }),
    putMember: (subject: string, role: Role) =>
      request<MemberView>(address, { method: "PUT", path: memberPath(subject), body: { role } }),
    removeMember: async (subject: string) => {
      await send(address, { method: "DELETE", path: memberPath(subject), once: true });
    },
    audit: (query: Query) => request<Page<AuditRecord>>(address, { method: "GET", path: "/v1/audit", query }),
  };
}

function memberPath(subject: string): string {
  return `/v1/members/${encodeURIComponent(subject)}`;
}
