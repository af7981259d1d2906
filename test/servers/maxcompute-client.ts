import { parseType } from "../../shared/connectors/odps/wire/column-type.js";
import { openRecordReader } from "../../shared/connectors/odps/wire/record-reader.js";
import { beginRecord, endRecord, footer, openRecordWriter } from "../../shared/connectors/odps/wire/record-writer.js";
import { authorization } from "../../shared/connectors/odps/wire/signature.js";
import { putField, reserve } from "../../shared/connectors/odps/wire/sink.js";
import { encodings, putValue, takeValue, type WireValue } from "../../shared/connectors/odps/wire/values.js";
import type { LocalMaxcompute } from "./local-maxcompute.js";

/** Where a small client of the tests' own goes. */
export type Place = Pick<LocalMaxcompute, "endpoint" | "key">;

interface Asked {
  readonly method?: string;
  /** Below the endpoint, such as `/projects/shop`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** One signed request, by hand: not with the connector's client. */
export async function ask({ endpoint, key }: Place, asked: Asked): Promise<Answer> {
  const { method = "GET", path, query = {}, body, headers = {} } = asked;
  const signed = { date: new Date().toUTCString(), ...headers };
  const signer = { accessKeyId: key.accessId, accessKeySecret: key.accessKey, region: null, now: Date.now() };
  const signature = authorization(signer, { method, resource: path, query, headers: signed });
  const url = `${endpoint}${encodeURI(path)}?${new URLSearchParams(query)}`;
  const sent = { ...signed, authorization: signature, connection: "close" };
  const init = { method, headers: sent, ...(body !== undefined && { body: new Uint8Array(Buffer.from(body)) }) };
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

/** Makes a project, as the console would. */
export async function makeProject(
  place: Place,
  project: string,
  properties: Readonly<Record<string, string>> = {},
): Promise<void> {
  const elements = Object.entries(properties).map(([name, value]) => {
    return `<Property><Name>${name}</Name><Value>${value}</Value></Property>`;
  });
  const body = `<Project><Name>${project}</Name><Properties>${elements.join("")}</Properties></Project>`;
  const { status, body: answer } = await ask(place, { method: "PUT", path: `/projects/${project}`, body });
  if (status !== 200) throw new Error(answer.toString());
}

/** Runs a statement. @returns the text of its result; a query's is CSV @throws the service's words when it failed */
export async function sql(place: Place, project: string, statement: string): Promise<string> {
  const job = `<Instance><Job><Tasks><SQL><Name>AnonymousSQLTask</Name><Query><![CDATA[${statement};]]></Query></SQL></Tasks></Job></Instance>`;
  const path = `/projects/${project}/instances`;
  const headers = { "content-type": "application/xml" };
  const made = await ask(place, { method: "POST", path, body: job, headers });
  if (made.status !== 201) throw new Error(made.body.toString());
  const id = made.headers.get("location")?.split("/").at(-1);
  const { body } = await ask(place, { path: `${path}/${id}`, query: { result: "" } });
  const text = body.toString();
  const [, result = ""] = /<!\[CDATA\[([\s\S]*)\]\]>/.exec(text) ?? [];
  if (text.includes("<Status>Failed</Status>")) throw new Error(result);
  return result;
}

/** A table, or a partition of it. */
export interface Spot {
  readonly project: string;
  readonly table: string;
  /** As the tunnel takes it, such as `ds=1,hh=2`; absent for a table without. */
  readonly partition?: string;
}

const tunnelOf = ({ endpoint, key }: Place): Place => ({ endpoint: endpoint.replace(/\/api$/, ""), key });

async function asked(place: Place, request: Asked): Promise<Answer> {
  const answer = await ask(place, request);
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.body.toString()}`);
  return answer;
}

const pathOf = ({ project, table }: Spot) => `/projects/${project}/tables/${table}`;
const specOf = ({ partition }: Spot) => (partition === undefined ? {} : { partition });

/** Writes records with one block, by the shared codec and not by the connector's paths for batches. */
export async function putRows(place: Place, spot: Spot, types: readonly string[], rows: readonly Row[]): Promise<void> {
  const tunnel = tunnelOf(place);
  const path = pathOf(spot);
  const begun = await asked(tunnel, { method: "POST", path, query: { uploads: "", ...specOf(spot) } });
  const { UploadID: uploadid } = JSON.parse(begun.body.toString()) as { UploadID: string };
  const body = streamOf(types, rows);
  await asked(tunnel, { method: "PUT", path, query: { uploadid, blockid: "0", ...specOf(spot) }, body });
  await asked(tunnel, { method: "POST", path, query: { uploadid, ...specOf(spot) } });
}

/** Values of a record, null for NULL. */
export type Row = readonly WireValue[];

/** A record stream. */
export function streamOf(types: readonly string[], rows: readonly Row[]): Buffer {
  const parsed = types.map((type) => parseType(type)!);
  const writer = openRecordWriter();
  for (const row of rows) {
    beginRecord(writer);
    for (const [at, type] of parsed.entries()) {
      const value = row[at] ?? null;
      if (value === null) continue;
      reserve(writer.sink, 16);
      putField(writer.sink, at + 1, encodings[type.kind].wire);
      putValue(writer.sink, type, value);
    }
    endRecord(writer);
  }
  return Buffer.concat([writer.sink.bytes.subarray(0, writer.sink.at), footer(writer)]);
}

/** Reads all records of a table or partition. */
export async function getRows(place: Place, spot: Spot): Promise<Row[]> {
  const tunnel = tunnelOf(place);
  const path = pathOf(spot);
  const begun = await asked(tunnel, { method: "POST", path, query: { downloads: "", ...specOf(spot) } });
  const session = JSON.parse(begun.body.toString()) as {
    DownloadID: string;
    RecordCount: number;
    Schema: { columns: { type: string }[] };
  };
  if (session.RecordCount === 0) return [];
  const query = { data: "", downloadid: session.DownloadID, rowrange: `(0,${session.RecordCount})`, ...specOf(spot) };
  const { body } = await asked(tunnel, { path, query, headers: { "accept-encoding": "identity" } });
  return rowsOf(
    session.Schema.columns.map(({ type }) => type),
    body,
  );
}

/** The records of a stream. */
export function rowsOf(types: readonly string[], stream: Buffer): Row[] {
  const parsed = types.map((type) => parseType(type)!);
  const rows: WireValue[][] = [];
  let row: WireValue[] = [];
  const reader = openRecordReader({
    begin: () => {
      row = parsed.map(() => null);
    },
    field: (column, intake) => {
      row[column - 1] = takeValue(intake, parsed[column - 1]!);
    },
    end: () => void rows.push(row),
  });
  reader.feed(stream);
  reader.end();
  return rows;
}
