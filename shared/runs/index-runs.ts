import type { Services } from "../services.js";
import { storeTables } from "../store/tables.js";

/** How far the runs of an installation have been noted for lists by job and state. */
interface Progress {
  readonly isComplete: boolean;
  /** In this workspace, up to this mark; null = from the beginning. */
  readonly workspace: string;
  readonly page: string | null;
}

const KEY = ["runs-by"];
/** Where it is known that all are, no tick asks for it. */
const complete = new WeakSet<Services["documents"]>();
/** Pages of a hundred runs that one call goes on. */
const PAGES = 20;

/** Notes the runs that were stored before there were lists by job and state, some with each call; once done it asks one row, once. */
export async function completeRunIndex(services: Services): Promise<void> {
  const { documents } = services;
  if (complete.has(documents)) return;
  const found = await documents.get<Progress>(storeTables.state, KEY);
  if (found?.value.isComplete) return void complete.add(documents);
  let at: Progress = found?.value ?? { isComplete: false, workspace: "", page: null };
  for (let i = 0; i < PAGES && !at.isComplete; i++) at = await nextPage(services, at);
  await documents.replace(storeTables.state, { key: KEY, value: at, version: found?.version ?? 0 });
}

async function nextPage(services: Services, { workspace, page }: Progress): Promise<Progress> {
  const names = (await services.workspaces.all()).map(({ name }) => name).sort();
  const here = page === null ? names.find((name) => name > workspace) : workspace;
  if (here === undefined) return { isComplete: true, workspace, page: null };
  const found = await services.runs.list(here, { limit: 100, page, maxBytes: Number.POSITIVE_INFINITY });
  for (const run of found.items) await services.runs.reindex(here, run);
  return { isComplete: false, workspace: here, page: found.nextPage };
}
