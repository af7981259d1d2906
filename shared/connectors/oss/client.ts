import { isIP } from "node:net";
import type { Readable } from "node:stream";
import OSS from "ali-oss";
import { own } from "../../model/own.js";
import { guardedAgent } from "../network/agent.js";
import { keyGiver } from "../network/cloud-key.js";
import type { Bucket, BucketFacts, Completion, ObjectInfo, SentPart, Upload } from "../objects/bucket.js";
import { isFailure } from "../objects/failure.js";
import type { OpenOptions } from "../objects/file-origin.js";
import { type Calling, orAbort, withObjectRetries } from "../objects/retries.js";
import { ossFailure } from "./failure.js";
import { type OssSource, withScheme } from "./source.js";

const TIMEOUT_MS = 60_000;

/** Metadata of an object: the run that made it. */
const RUN_MARK = "sluice-run";

/** Source: OSS API reference, "CompleteMultipartUpload" and "Limits". */
const facts: BucketFacts = { minPartBytes: 100 * 1024, maxParts: 10_000 };

const title = "OSS";

/** Opens a bucket. Nothing is sent before the first call. */
export function openOssBucket(source: OssSource, signal: AbortSignal, options: OpenOptions = {}): Bucket {
  const client = new OSS(clientOptions(source, options.timeoutMs ?? TIMEOUT_MS));
  const { bucket: name } = source;
  const label = `bucket ${name}`;
  const calling: Calling = { title, signal, attempts: options.attempts ?? 5, explain: ossFailure };
  const call: Call = (what, run) => withObjectRetries(calling, `${what} of ${label}`, run);
  const about = { name, label, scheme: "oss", title, facts, explain: ossFailure };
  return { ...about, ...objectCalls(client, call, calling), ...uploadCalls(client, call) };
}

type Call = <T>(what: string, run: () => Promise<T>) => Promise<T>;

function objectCalls(client: OSS, call: Call, calling: Calling) {
  return {
    list: (prefix: string, pageSize = DELETE_KEYS, after = "") =>
      listObjects(client, call, { prefix, pageSize, after }),
    head: (key: string) =>
      call(`object ${key}`, async () => {
        const { res } = await client.head(key).catch(nullIfMissing);
        if (res === null) return null;
        const headers = res.headers as Record<string, string>; // the SDK types them as object
        return {
          key,
          size: Number(headers["content-length"] ?? 0),
          etag: headers.etag ?? "",
          run: headers[`x-oss-meta-${RUN_MARK}`] ?? null,
        };
      }),
    open: (key: string, range: { start: number; end: number; etag: string | null }) =>
      openObject(client, calling, { key, ...range }),
    put: (key: string, body: Buffer) => call(`object ${key}`, async () => void (await client.put(key, body))),
    async remove(keys: readonly string[]) {
      for (let at = 0; at < keys.length; at += DELETE_KEYS) {
        const some = keys.slice(at, at + DELETE_KEYS);
        await call(`${some.length} objects`, () => client.deleteMulti(some, { quiet: true }));
      }
    },
  };
}

async function openObject(
  client: OSS,
  calling: Calling,
  { key, start, end, etag }: { key: string; start: number; end: number; etag: string | null },
): Promise<Readable> {
  const match = etag === null ? {} : { "If-Match": etag };
  const headers = { Range: `bytes=${start}-${end - 1}`, ...match, "x-oss-range-behavior": "standard" };
  const opening = client.getStream(key, { headers });
  // An answer that comes after the abort would keep its connection.
  opening.then(
    ({ stream }) => calling.signal.aborted && (stream as Readable).destroy(),
    () => undefined,
  );
  const { stream } = await orAbort(calling, `object ${key}`, opening).catch((cause) => {
    throw ossFailure(cause, `object ${key}`);
  });
  return stream as Readable; // the SDK types it as any
}

/** The most keys that one call deletes, and that one page of a listing has. */
const DELETE_KEYS = 1000;

interface Listing {
  readonly prefix: string;
  readonly pageSize: number;
  /** Empty = from the beginning. */
  readonly after: string;
}

async function* listObjects(client: OSS, call: Call, listing: Listing): AsyncIterable<ObjectInfo> {
  const { prefix, pageSize, after } = listing;
  let token: string | undefined;
  do {
    const from = token ? { "continuation-token": token } : after ? { "start-after": after } : {};
    const query = { prefix, "max-keys": String(pageSize), ...from };
    // The SDK's type demands every parameter that the API knows.
    const page = await call(`prefix "${prefix}"`, () => client.listV2(query as OSS.ListV2ObjectsQuery));
    for (const { name, size, etag } of page.objects ?? []) yield { key: name, size: Number(size), etag };
    token = page.isTruncated ? page.nextContinuationToken : undefined;
  } while (token);
}

/** What these refusals of a completion mean. */
const completions: Readonly<Record<string, Completion>> = { NoSuchUpload: "gone", FileAlreadyExists: "taken" };

function uploadCalls(client: OSS, call: Call) {
  return {
    startUpload: (key: string, run?: string) =>
      call(`upload of ${key}`, async () => {
        const options = run === undefined ? {} : { headers: { [`x-oss-meta-${RUN_MARK}`]: run } };
        return (await client.initMultipartUpload(key, options)).uploadId;
      }),
    uploadPart: ({ key, uploadId }: Upload, number: number, body: Buffer) =>
      call(`part ${number} of ${key}`, async () => {
        const { etag } = await client.uploadPart(key, uploadId, number, body, 0, body.length);
        return { number, etag };
      }),
    completeUpload: ({ key, uploadId }: Upload, parts: readonly SentPart[], how = { keepsOther: false }) =>
      call(`upload of ${key}`, async (): Promise<Completion> => {
        const options = how.keepsOther ? { headers: { "x-oss-forbid-overwrite": "true" } } : {};
        try {
          // The SDK's type lacks the headers.
          await client.completeMultipartUpload(
            key,
            uploadId,
            [...parts],
            options as OSS.CompleteMultipartUploadOptions,
          );
          return "done";
        } catch (error) {
          const code = (isFailure(error) && error.code) || "";
          const completion = own(completions, code);
          if (completion === undefined) throw error;
          return completion;
        }
      }),
    abortUpload: ({ key, uploadId }: Upload) =>
      call(
        `upload of ${key}`,
        async () => void (await client.abortMultipartUpload(key, uploadId).catch(nullIfNoUpload)),
      ),
    uploads: (prefix: string) => listUploads(client, call, prefix),
  };
}

async function listUploads(client: OSS, call: Call, prefix: string): Promise<Upload[]> {
  const found: Upload[] = [];
  let marker: Record<string, string> = {};
  for (;;) {
    const page = await call(`prefix "${prefix}"`, () => client.listUploads({ prefix, "max-uploads": 1000, ...marker }));
    for (const { name, uploadId } of page.uploads) found.push({ key: name, uploadId });
    // The SDK hands the text of the answer through.
    if (String(page.isTruncated) !== "true") return found;
    marker = { "key-marker": page.nextKeyMarker, "upload-id-marker": page.nextUploadIdMarker };
  }
}

function clientOptions(source: OssSource, timeoutMs: number): OSS.Options {
  const endpoint = ossEndpointOf(source);
  const { hostname } = new URL(endpoint);
  const giveKey = keyGiver(source, process.env, [source.bucket]);
  return {
    // Never used: the SDK asks for a key that may end before each request if the interval of asking is none.
    ...{ accessKeyId: "-", accessKeySecret: "-", stsToken: "-", refreshSTSTokenInterval: 0 },
    async refreshSTSToken() {
      const { securityToken: stsToken, ...key } = await giveKey();
      return { ...key, stsToken };
    },
    bucket: source.bucket,
    endpoint,
    region: `oss-${bareRegion(source)}`,
    // A local server has no name for each bucket.
    sldEnable: hostname === "localhost" || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0,
    authorizationV4: true,
    cname: source.cname,
    ...agents(),
    timeout: timeoutMs,
  } as OSS.Options; // the SDK's type lacks sldEnable and authorizationV4
}

let kept: ReturnType<typeof openAgents> | undefined;

/** Connections are shared by all buckets of a process, as they would be without the guard. */
function agents(): ReturnType<typeof openAgents> {
  kept ??= openAgents();
  return kept;
}

function openAgents() {
  return { agent: guardedAgent("http:"), httpsAgent: guardedAgent("https:") };
}

/** The address that calls go to, with its scheme. */
export function ossEndpointOf(source: OssSource): string {
  return withScheme(source.endpoint || `oss-${bareRegion(source)}.aliyuncs.com`);
}

function bareRegion({ regionId, endpoint }: OssSource): string {
  const named =
    regionId || /(?:^|[./@])(?:vpc100-)?oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com/.exec(endpoint ?? "")?.[1];
  return (named || "cn-hangzhou").replace(/^oss-/, "");
}

function nullIfMissing(error: unknown): { res: null } {
  // A HEAD without a body is NoSuchKey for the SDK; a missing bucket has a code of its own.
  if (isFailure(error) && error.status === 404 && error.code !== "NoSuchBucket") return { res: null };
  throw error;
}

function nullIfNoUpload(error: unknown): null {
  if (isFailure(error) && error.code === "NoSuchUpload") return null;
  throw error;
}
