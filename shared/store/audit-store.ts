import type { AuditRecord } from "../model/identity.js";
import type { Documents } from "../platform/documents.js";
import { newestFirst } from "./newest-first.js";
import type { Page } from "./page.js";
import { storeTables } from "./tables.js";

/** Which entries to list; undefined = any. */
export interface AuditFilter {
  /** Id of the caller. */
  readonly caller?: string | undefined;
  /** The action, or its noun alone. */
  readonly action?: string | undefined;
  readonly object?: string | undefined;
  /** ISO times; `from` inclusive, `to` exclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Entries looked at for one page: with a rare filter a page may be short while more follow. */
const MAX_SCANNED = 2000;

/** The audit trail of every workspace. */
export interface AuditStore {
  append(workspace: string, entry: AuditRecord): Promise<void>;
  /** Entries of a workspace, newest first. */
  list(workspace: string, asked: AuditAsked): Promise<Page<AuditRecord>>;
}

/** A page of entries that is asked for. */
export interface AuditAsked {
  readonly filter: AuditFilter;
  readonly limit: number;
  readonly page: string | null;
}

/** Opens the store over our documents. */
export function createAuditStore(documents: Documents): AuditStore {
  return {
    append: async (workspace, entry) =>
      void (await documents.insert(storeTables.audit, {
        key: [workspace, newestFirst(entry.at, entry.id)],
        value: entry,
      })),
    list: (workspace, asked) => listAudit(documents, workspace, asked),
  };
}

async function listAudit(
  documents: Documents,
  workspace: string,
  { filter, limit, page }: AuditAsked,
): Promise<Page<AuditRecord>> {
  const items: AuditRecord[] = [];
  // An entry at `to` itself is left out, one before it sorts behind.
  let after = later(page, filter.to === undefined ? null : newestFirst(filter.to, "~"));
  for (let scanned = 0; scanned < MAX_SCANNED; ) {
    const start = after === null ? {} : { after: [workspace, after] };
    const found = await documents.list<AuditRecord>(storeTables.audit, { prefix: [workspace], limit: 200, ...start });
    for (const { key, value } of found) {
      if (filter.from !== undefined && value.at < filter.from) return { items, nextPage: null };
      if (items.length === limit) return { items, nextPage: after };
      after = String(key[1]);
      if (fits(value, filter)) items.push(value);
    }
    if (found.length < 200) return { items, nextPage: null };
    scanned += found.length;
  }
  return { items, nextPage: after };
}

function fits(entry: AuditRecord, { caller, action, object }: AuditFilter): boolean {
  return (
    (caller === undefined || entry.caller.id === caller) &&
    (action === undefined || entry.action === action || entry.action.startsWith(`${action}.`)) &&
    (object === undefined || entry.object === object)
  );
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
