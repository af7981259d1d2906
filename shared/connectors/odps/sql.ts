import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { withoutSemicolons } from "../../model/cut-end.js";
import { type SluiceError, UserError } from "../../model/errors.js";
import type { OdpsClient } from "./client.js";
import { MaxcomputeFailure, odpsFailure, odpsWorkStopped } from "./failure.js";
import type { TablePlace } from "./table.js";
import { textOfTag } from "./xml.js";

/** A statement that has ended well. */
export interface EndedInstance {
  readonly id: string;
}

const FIRST_POLL_MS = 50;
const LONGEST_POLL_MS = 5_000;

/** The name of a table in SQL, quoted. */
export function sqlName({ source }: OdpsClient, { schema, table }: TablePlace): string {
  const quoted = (name: string) => `\`${name.replaceAll("`", "``")}\``;
  return [source.project, schema, table].flatMap((name) => (name === null ? [] : [quoted(name)])).join(".");
}

/**
 * Runs a statement as an instance and waits for its end. A submission whose answer was lost is not repeated by the service: it has a
 * name of its own.
 *
 * @param what  names the statement in errors, such as `preSql[0]`
 * @throws UserError with the service's words when it fails
 */
export async function runSql(
  client: OdpsClient,
  statement: string,
  { what, schema }: { what: string; schema: string | null },
): Promise<EndedInstance> {
  const resource = `/projects/${client.source.project}/instances`;
  const body = Buffer.from(jobOf(statement, schema));
  const headers = { "content-type": "application/xml" };
  const made = await client.rest(what, { method: "POST", resource, body, headers });
  const id = made.headers.location?.split("/").at(-1) ?? "";
  const path = `${resource}/${id}`;
  await untilEnded(client, path, what);
  const { text } = await client.rest(what, { method: "GET", resource: path, query: { taskstatus: "" } });
  // The instance has a status of its own before that of its task.
  const task = text.search(/<Task[\s>]/);
  const status = task < 0 ? undefined : textOfTag(text.slice(task), "Status")?.toLowerCase();
  if (status === "success") return { id };
  const { text: result } = await client.rest(what, { method: "GET", resource: path, query: { result: "" } });
  throw failed(textOfTag(result, "Result") ?? `the task is ${status}`, what);
}

function jobOf(statement: string, schema: string | null): string {
  const names = { "odps.namespace.schema": "true", "odps.sql.allow.namespace.schema": "true" };
  const types = { "odps.sql.type.system.odps2": "true", "odps.sql.decimal.odps2": "true" };
  const settings = JSON.stringify({ ...types, ...(schema !== null && { ...names, "odps.default.schema": schema }) });
  const query = `${withoutSemicolons(statement)};`.replaceAll("]]>", "]]]]><![CDATA[>");
  const property = `<Property><Name>settings</Name><Value>${settings.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</Value></Property>`;
  const task = `<SQL><Name>AnonymousSQLTask</Name><Config>${property}</Config><Query><![CDATA[${query}]]></Query></SQL>`;
  return `<Instance><Job><Priority>9</Priority><Guid>${randomUUID()}</Guid><Tasks>${task}</Tasks><DAG><RunMode>Sequence</RunMode></DAG></Job></Instance>`;
}

async function untilEnded({ rest, signal }: OdpsClient, resource: string, what: string): Promise<void> {
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_POLL_MS)) {
    const { text } = await rest(what, { method: "GET", resource });
    if (textOfTag(text, "Status") === "Terminated") return;
    await sleep(pauseMs, undefined, { signal }).catch(() => {
      throw odpsWorkStopped(signal, what);
    });
  }
}

/** A failed task's own words begin with its code. */
function failed(text: string, what: string): SluiceError {
  const [, code = "", message = text] = /^\s*(ODPS-\d+)\s*:?\s*([\s\S]*)$/.exec(text) ?? [];
  const error = odpsFailure(new MaxcomputeFailure(400, code, message.trim()), what);
  return error.code === "SOURCE_REFUSED" ? new UserError("SOURCE_REFUSED", `${what}: ${text.trim()}`) : error;
}
