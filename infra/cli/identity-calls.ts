import type { AuditRecord, Role, TokenView } from "../../shared/model/identity.js";
import { type ApiAddress, type Query, request } from "./request.js";

/** What `POST /v1/tokens` takes. */
export interface TokenRequest {
  readonly name: string;
  readonly role: Role;
  /** ISO time; null = never. */
  readonly expiresAt: string | null;
}

/** A page of a list; `nextPage` is the `page` of the next call, null at the end. */
interface Page<T> {
  readonly items: readonly T[];
  readonly nextPage: string | null;
}

/** The calls about tokens and the audit trail. */
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
    audit: (query: Query) => request<Page<AuditRecord>>(address, { method: "GET", path: "/v1/audit", query }),
  };
}
