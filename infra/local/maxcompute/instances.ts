import { XMLParser } from "fast-xml-parser";
import { openRecordReader } from "../../../shared/connectors/odps/wire/record-reader.js";
import { takeValue } from "../../../shared/connectors/odps/wire/values.js";
import { element, wrap } from "../oss/xml.js";
import { httpDate, type Maxcompute, type OdpsCall, readBodyText } from "./call.js";
import { OdpsError, SqlFailure } from "./errors.js";
import { odpsKeyBoundsOf, odpsRowKey } from "./keys.js";
import { requireProject } from "./metadata.js";
import { readPages } from "./pages.js";
import { cdata, type OdpsReply, odpsXmlReply } from "./reply.js";
import { encodeOdpsRow, type InstanceRow, rowAt } from "./rows.js";
import { wireTypes } from "./send-records.js";
import { sessionId } from "./session.js";
import { execute, type SqlResult, withoutSettings } from "./sql/execute.js";
import { displayedValue } from "./sql/scalar.js";

/** Rows that a result shows without the tunnel. */
const DISPLAYED_ROWS = 10_000;

const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === "Property", trimValues: false });

interface JobDocument {
  readonly Instance?: {
    readonly Job?: { readonly Tasks?: { readonly SQL?: SqlTask } };
  };
}

interface SqlTask {
  readonly Name: string;
  readonly Query: string;
  readonly Config?: { readonly Property?: readonly { readonly Name: string; readonly Value: string }[] };
}

/** `POST /projects/P/instances`: runs the SQL at once. */
export async function createInstance(maxcompute: Maxcompute, call: OdpsCall): Promise<OdpsReply> {
  const { context } = maxcompute;
  requireProject(context.store, call.project);
  const source = await readBodyText(call);
  const task = (parser.parse(source) as JobDocument).Instance?.Job?.Tasks?.SQL; // untyped; read with care
  if (!task?.Query) throw new OdpsError("ODPS-0420031", "ODPS-0420031:Invalid XML - expected a job with one SQL task");
  const created = context.now();
  const outcome = await outcomeOf(maxcompute, call, task);
  const ended = context.now();
  const { project } = call;
  const row: InstanceRow = { id: sessionId(created), project, created, ended, source, task: task.Name, ...outcome };
  await context.store.write((tx) => {
    if (row.result) tx.del(odpsRowKey("loose", row.result.segment.content));
    tx.put(odpsRowKey("instance", project, row.id), encodeOdpsRow(row));
  });
  const location = `http://${call.host}/api/projects/${project}/instances/${row.id}`;
  return { status: 201, headers: { location }, body: "" };
}

async function outcomeOf(
  maxcompute: Maxcompute,
  call: OdpsCall,
  task: SqlTask,
): Promise<SqlResult & { failure: string | null }> {
  try {
    const { sql, settings } = withoutSettings(task.Query);
    const given = task.Config?.Property?.find(({ Name }) => Name === "settings")?.Value ?? "{}";
    const all: Record<string, unknown> = { ...(JSON.parse(given) as object), ...settings }; // JSON of an object, by the protocol
    const schema = String(all["odps.default.schema"] ?? call.schema).toLowerCase();
    return { ...(await execute(maxcompute, { project: call.project, schema }, sql)), failure: null };
  } catch (error) {
    if (error instanceof SqlFailure) return { text: "", result: null, failure: error.message };
    if (error instanceof OdpsError) return { text: "", result: null, failure: error.message };
    throw error;
  }
}

/** The instance. @throws OdpsError NoSuchObject */
export function requireInstance({ context }: Maxcompute, { project, instance }: OdpsCall): InstanceRow {
  const row = rowAt<InstanceRow>(context.store, odpsRowKey("instance", project, instance));
  if (row) return row;
  throw new OdpsError("NoSuchObject", `ODPS-0420061:Instance ${instance} does not exist`);
}

/** `GET /projects/P/instances/I`: state, state of the task, result or source, by what the query asks for. */
export async function describeInstance(maxcompute: Maxcompute, call: OdpsCall): Promise<OdpsReply> {
  const row = requireInstance(maxcompute, call);
  const headers = {
    ...{ "x-odps-owner": "ALIYUN$local", "x-odps-start-time": httpDate(row.created) },
    "x-odps-end-time": httpDate(row.ended),
  };
  const { query } = call;
  const state = element("Status", { text: "Terminated" });
  if ("source" in query) return { status: 200, headers, body: jobOf(row.source) };
  if ("taskstatus" in query) return odpsXmlReply(wrap("Instance", state, wrap("Tasks", taskOf(row, ""))), headers);
  if ("result" in query || "cached" in query) {
    const result = cdata("Result", await resultText(maxcompute, row), row.result ? ' Format="csv"' : ' Format="text"');
    return odpsXmlReply(wrap("Instance", wrap("Tasks", taskOf(row, result))), headers);
  }
  if ("instanceprogress" in query || "instancesummary" in query)
    return odpsXmlReply(wrap("Progress", element("StageCount", { text: 0 })), headers);
  return odpsXmlReply(wrap("Instance", state), headers);
}

/** The job by itself: clients look for its tasks right below. */
function jobOf(source: string): string {
  return /<Job>[\s\S]*<\/Job>/.exec(source)?.[0] ?? source;
}

function taskOf({ task, failure, created, ended }: InstanceRow, result: string): string {
  const fields = [
    element("Name", { text: task }),
    element("StartTime", { text: httpDate(created) }),
    element("EndTime", { text: httpDate(ended) }),
    result,
    element("Status", { text: failure === null ? "Success" : "Failed" }),
    "<Histories/>",
  ];
  return `<Task Type="SQL">${fields.join("")}</Task>`;
}

/** CSV of a select, its header first; the error of a task that failed. */
async function resultText({ context }: Maxcompute, { failure, text, result }: InstanceRow): Promise<string> {
  if (failure !== null || !result) return failure ?? text;
  const { columns, segment } = result;
  const types = wireTypes(columns);
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
  const lines = [columns.map(({ name }) => quoted(name)).join(",")];
  const range = { start: 0, count: Math.min(segment.records, DISPLAYED_ROWS) };
  for await (const { data, take } of readPages(context.store, [segment], range)) {
    let row: string[] = [];
    let left = take;
    const reader = openRecordReader({
      begin: () => {
        row = types.map(() => "\\N");
      },
      field(column, intake) {
        const type = types[column - 1];
        if (!type) return;
        const value = displayedValue(takeValue(intake, type), type);
        row[column - 1] = /^(?:string|varchar|char|json|binary)$/.test(type.kind) ? quoted(value) : value;
      },
      end: () => {
        if (left-- > 0) lines.push(row.join(","));
      },
    });
    reader.feed(data);
  }
  return `${lines.join("\n")}\n`;
}

/** `GET /projects/P/instances`. */
export async function listInstances({ context }: Maxcompute, { project }: OdpsCall): Promise<OdpsReply> {
  requireProject(context.store, project);
  const elements: string[] = [];
  for await (const [, bytes] of context.store.range(odpsKeyBoundsOf("instance", project))) {
    const { id, created, ended } = JSON.parse(bytes.toString()) as InstanceRow; // rows.ts wrote it
    const times = [element("StartTime", { text: httpDate(created) }), element("EndTime", { text: httpDate(ended) })];
    elements.push(
      wrap(
        "Instance",
        element("Name", { text: id }),
        element("Owner", { text: "ALIYUN$local" }),
        ...times,
        element("Status", { text: "Terminated" }),
      ),
    );
  }
  return odpsXmlReply(wrap("Instances", "<Marker/>", element("MaxItems", { text: 1000 }), ...elements));
}

/** `PUT /projects/P/instances/I`: stopping what is over. @throws OdpsError InvalidState */
export function stopOdpsInstance(maxcompute: Maxcompute, call: OdpsCall): OdpsReply {
  const { id } = requireInstance(maxcompute, call);
  throw new OdpsError("InvalidState", `ODPS-0420061:Instance ${id} is terminated already`);
}
