import type { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { own } from "../../model/own.js";
import { guardedAgent } from "../network/agent.js";
import { keyGiver } from "../network/cloud-key.js";
import type { Bucket, BucketFacts, Completion, ObjectInfo, SentPart, Upload } from "../objects/bucket.js";
import type { OpenOptions } from "../objects/file-origin.js";
import { type Calling, orAbort, withObjectRetries } from "../objects/retries.js";
import { s3Failure, s3FailureOf } from "./failure.js";
import { regionOf, type S3Source, s3EndpointOf, usesPathStyle } from "./source.js";

const TIMEOUT_MS = 60_000;
/** Entries of a page of a listing. */
const PAGE = 1000;
/** Objects removed at once. One by one: how many at a time may be named differs in what stores want to see beside the list. */
const REMOVED_AT_ONCE = 16;
/** Metadata of an object: the run that made it. */
const RUN_MARK = "sluice-run";

/** Source: Amazon S3 user guide, "Multipart upload limits". */
const facts: BucketFacts = { minPartBytes: 5 * 1024 * 1024, maxParts: 10_000 };

const title = "S3";

/** A bucket, and how its calls are made. */
interface Opened {
  readonly client: S3Client;
  readonly calling: Calling;
  readonly Bucket: string;
  call<T>(what: string, run: () => Promise<T>): Promise<T>;
}

/** Opens a bucket. Nothing is sent before the first call. */
export function openS3Bucket(source: S3Source, signal: AbortSignal, options: OpenOptions = {}): Bucket {
  const { bucket: name } = source;
  const label = `bucket ${name}`;
  const calling: Calling = { title, signal, attempts: options.attempts ?? 5, explain: s3Failure };
  const opened: Opened = {
    client: new S3Client(clientOptions(source, options.timeoutMs ?? TIMEOUT_MS)),
    calling,
    Bucket: name,
    call: (what, run) => withObjectRetries(calling, `${what} of ${label}`, run),
  };
  const about = { name, label, scheme: "s3", title, facts, explain: s3Failure };
  return { ...about, ...objectCalls(opened), ...uploadCalls(opened) };
}

function objectCalls(opened: Opened) {
  const { client, call, Bucket } = opened;
  return {
    list: (prefix: string, pageSize = PAGE, after = "") => listObjects(opened, { prefix, pageSize, after }),
    head: (Key: string) =>
      call(`object ${Key}`, async () => {
        const found = await client.send(new HeadObjectCommand({ Bucket, Key })).catch(nullIfMissing);
        const run = found?.Metadata?.[RUN_MARK] ?? null;
        return found && { key: Key, size: found.ContentLength ?? 0, etag: found.ETag ?? "", run };
      }),
    open: (key: string, range: { start: number; end: number; etag: string | null }) =>
      openObject(opened, { key, ...range }),
    put: (Key: string, Body: Buffer) =>
      call(`object ${Key}`, async () => void (await client.send(new PutObjectCommand({ Bucket, Key, Body })))),
    async remove(keys: readonly string[]) {
      for (let at = 0; at < keys.length; at += REMOVED_AT_ONCE)
        await Promise.all(
          keys
            .slice(at, at + REMOVED_AT_ONCE)
            .map((Key) => call(`object ${Key}`, () => client.send(new DeleteObjectCommand({ Bucket, Key })))),
        );
    },
  };
}

async function openObject(
  { client, calling, Bucket }: Opened,
  { key: Key, start, end, etag }: { key: string; start: number; end: number; etag: string | null },
): Promise<Readable> {
  const match = etag === null ? {} : { IfMatch: etag };
  const command = new GetObjectCommand({ Bucket, Key, Range: `bytes=${start}-${end - 1}`, ...match });
  const opening = client.send(command, { abortSignal: calling.signal });
  // An answer that comes after the abort would keep its connection.
  opening.then(
    ({ Body }) => calling.signal.aborted && (Body as Readable).destroy(),
    () => undefined,
  );
  const { Body } = await orAbort(calling, `object ${Key}`, opening).catch((cause) => {
    throw s3Failure(cause, `object ${Key}`);
  });
  return Body as Readable; // in Node; the SDK's type covers browsers too
}

async function* listObjects(
  { client, call, Bucket }: Opened,
  { prefix: Prefix, pageSize: MaxKeys, after }: { prefix: string; pageSize: number; after: string },
): AsyncIterable<ObjectInfo> {
  let token: string | undefined;
  do {
    const from = token ? { ContinuationToken: token } : after ? { StartAfter: after } : {};
    const command = new ListObjectsV2Command({ Bucket, Prefix, MaxKeys, ...from });
    const page = await call(`prefix "${Prefix}"`, () => client.send(command));
    for (const { Key = "", Size = 0, ETag = "" } of page.Contents ?? []) yield { key: Key, size: Size, etag: ETag };
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token);
}

/** What these refusals of a completion mean. */
const completions: Readonly<Record<string, Completion>> = {
  NoSuchUpload: "gone",
  PreconditionFailed: "taken",
  ConditionalRequestConflict: "taken",
};

function uploadCalls(opened: Opened) {
  const { client, call, Bucket } = opened;
  const place = ({ key: Key, uploadId: UploadId }: Upload) => ({ Bucket, Key, UploadId });
  return {
    startUpload: (Key: string, run?: string) =>
      call(`upload of ${Key}`, async () => {
        const marked = run === undefined ? {} : { Metadata: { [RUN_MARK]: run } };
        return (await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...marked }))).UploadId ?? "";
      }),
    uploadPart: (upload: Upload, number: number, Body: Buffer) =>
      call(`part ${number} of ${upload.key}`, async (): Promise<SentPart> => {
        const command = new UploadPartCommand({ ...place(upload), PartNumber: number, Body });
        return { number, etag: (await client.send(command)).ETag ?? "" };
      }),
    completeUpload: (upload: Upload, parts: readonly SentPart[], how = { keepsOther: false }) =>
      call(`upload of ${upload.key}`, async (): Promise<Completion> => {
        const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
        const kept = how.keepsOther ? { IfNoneMatch: "*" } : {};
        try {
          await client.send(
            new CompleteMultipartUploadCommand({ ...place(upload), MultipartUpload: { Parts }, ...kept }),
          );
          return "done";
        } catch (error) {
          const completion = own(completions, s3FailureOf(error).code ?? "");
          if (completion === undefined) throw error;
          return completion;
        }
      }),
    abortUpload: (upload: Upload) =>
      call(`upload of ${upload.key}`, async () => {
        await client.send(new AbortMultipartUploadCommand(place(upload))).catch(nullIfMissing);
      }),
    uploads: (prefix: string) => listUploads(opened, prefix),
  };
}

async function listUploads({ client, call, Bucket }: Opened, Prefix: string): Promise<Upload[]> {
  const found: Upload[] = [];
  let from: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const command = new ListMultipartUploadsCommand({ Bucket, Prefix, MaxUploads: PAGE, ...from });
    const page = await call(`prefix "${Prefix}"`, () => client.send(command));
    for (const { Key = "", UploadId = "" } of page.Uploads ?? []) found.push({ key: Key, uploadId: UploadId });
    if (!page.IsTruncated) return found;
    from = { KeyMarker: page.NextKeyMarker ?? "", UploadIdMarker: page.NextUploadIdMarker ?? "" };
  }
}

function nullIfMissing(error: unknown): null {
  const { status, code } = s3FailureOf(error);
  if (status === 404 && code !== "NoSuchBucket") return null;
  throw error;
}

/** Everything that the SDK would otherwise look for in variables and files of the account that runs the function is said here. */
function clientOptions(source: S3Source, timeoutMs: number): S3ClientConfig {
  // The SDK tells every process once which Node its versions to come will want; it is pinned to one that takes this.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const region = regionOf(source);
  const giveKey = keyGiver(source, process.env, [source.bucket]);
  return {
    endpoint: s3EndpointOf(source),
    region,
    forcePathStyle: usesPathStyle(source),
    async credentials() {
      const { accessKeyId, accessKeySecret, securityToken } = await giveKey();
      const token = securityToken === "" ? {} : { sessionToken: securityToken };
      // Asked for again before each request, since the key of a role changes while a client lives.
      return { accessKeyId, secretAccessKey: accessKeySecret, ...token, expiration: new Date() };
    },
    // Repeats are ours.
    ...{ maxAttempts: 1, retryMode: "standard", defaultsMode: "standard", userAgentAppId: "sluice" },
    ...{ useArnRegion: false, useDualstackEndpoint: false, useFipsEndpoint: false, disableS3ExpressSessionAuth: true },
    ...{ sigv4aSigningRegionSet: [region], authSchemePreference: [] },
    // What is sent is signed with its SHA-256 in any case; other sums are not known to every store.
    ...{ requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" },
    requestHandler: { ...agents(), requestTimeout: timeoutMs, connectionTimeout: timeoutMs },
  };
}

let kept: ReturnType<typeof openAgents> | undefined;

/** Connections are shared by all buckets of a process. */
function agents(): ReturnType<typeof openAgents> {
  kept ??= openAgents();
  return kept;
}

function openAgents() {
  return { httpAgent: guardedAgent("http:"), httpsAgent: guardedAgent("https:") };
}
