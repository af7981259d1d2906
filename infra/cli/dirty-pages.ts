import type { Client } from "../../shared/api/client/client.js";

/** All kept dirty records of a run as JSON lines, page by page. */
export async function* dirtyPages(client: Client, id: string): AsyncGenerator<string> {
  let page: string | null = null;
  do {
    const { text, headers }: Awaited<ReturnType<Client["dirtyDownload"]>> = await client.dirtyDownload({
      id,
      query: { page },
    });
    yield text;
    page = headers.get("x-next-page");
  } while (page !== null);
}
