import type { TokenView } from "../model/identity.js";
import type { Documents, Stored } from "../platform/documents.js";
import { listPage, type Page } from "./page.js";
import { storeTables } from "./tables.js";

/** A token as stored, under its hash. */
export interface TokenRecord extends Omit<TokenView, "state"> {
  readonly workspace: string;
}

/** A stored token with the hash it is found by. */
export interface FoundToken extends Stored<TokenRecord> {
  readonly hash: string;
}

/** API tokens: found by hash when somebody calls, by workspace and id when an admin looks. */
export interface TokensStore {
  insert(hash: string, token: TokenRecord): Promise<void>;
  /** @param hash  SHA-256 of the token, hex */
  find(hash: string): Promise<FoundToken | undefined>;
  findById(workspace: string, id: string): Promise<FoundToken | undefined>;
  /** Stores a changed token if it is still at that version. */
  replace(hash: string, token: TokenRecord, version: number): Promise<boolean>;
  /** Tokens of a workspace by id. */
  list(workspace: string, limit: number, page: string | null): Promise<Page<TokenRecord>>;
}

/** Opens the store over our documents. */
export function createTokensStore(documents: Documents): TokensStore {
  const find = async (hash: string): Promise<FoundToken | undefined> => {
    const found = await documents.get<TokenRecord>(storeTables.tokens, [hash]);
    return found && { ...found, hash };
  };
  return {
    find,
    async insert(hash, token) {
      // The reference first: a token that no admin could find and revoke must not exist.
      await documents.insert(storeTables.tokenIndex, { key: [token.workspace, token.id], value: { hash } });
      await documents.insert(storeTables.tokens, { key: [hash], value: token });
    },
    async findById(workspace, id) {
      const found = await documents.get<{ hash: string }>(storeTables.tokenIndex, [workspace, id]);
      return found && find(found.value.hash);
    },
    replace: (hash, token, version) => documents.replace(storeTables.tokens, { key: [hash], value: token, version }),
    async list(workspace, limit, page) {
      const range = { prefix: [workspace], limit, page };
      const { items, nextPage } = await listPage<{ hash: string }>(documents, storeTables.tokenIndex, range);
      const tokens = await Promise.all(items.map(({ value }) => find(value.hash)));
      return { items: tokens.flatMap((token) => (token ? [token.value] : [])), nextPage };
    },
  };
}
