import { randomBytes } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { JsonObject } from "../../shared/model/json.js";
import type { ObjectPlace } from "../conformance/object-fixture.js";
import { startOss } from "../integration/oss-connector-server.js";

/** An OSS of the local cloud, looked into by the unmodified SDK. */
export async function startOssPlace(): Promise<ObjectPlace> {
  const { source, client, keys, close } = await startOss();
  return {
    source: { ...source },
    put: (key, body) => client.put(key, body),
    keys,
    bytes: async (key) => (await client.get(key)).content as Buffer, // the SDK types it as any
    uploads: async (prefix) => ((await client.listUploads({ prefix, "max-uploads": 1000 })).uploads ?? []).length,
    close,
  };
}

/** The S3 server to test with: that of SLUICE_TEST_S3_URL with the keys beside it, else one of the local cloud. */
async function s3Server() {
  const { SLUICE_TEST_S3_URL: url } = process.env;
  if (url) {
    const { SLUICE_TEST_S3_ID: accessId = "", SLUICE_TEST_S3_SECRET: accessKey = "" } = process.env;
    return { endpoint: url, accessId, accessKey, close: async () => undefined };
  }
  const { source, close } = await startOss();
  const { endpoint = "", accessId = "", accessKey = "" } = source;
  return { endpoint, accessId, accessKey, close };
}

/** A new bucket of an S3 server, filled by lib-storage, which writes large objects in parts. */
export async function startS3Place(): Promise<ObjectPlace> {
  const { endpoint, accessId, accessKey, close } = await s3Server();
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const credentials = { accessKeyId: accessId, secretAccessKey: accessKey };
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  const Bucket = `sluice-${randomBytes(6).toString("hex")}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  const keys = async (Prefix: string) =>
    ((await client.send(new ListObjectsV2Command({ Bucket, Prefix }))).Contents ?? []).map(({ Key }) => Key ?? "");
  return {
    source: { endpoint, regionId: "us-east-1", bucket: Bucket, accessId, accessKey } satisfies JsonObject,
    put: (Key, Body) => new Upload({ client, params: { Bucket, Key, Body } }).done(),
    keys,
    async bytes(Key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    async uploads(Prefix) {
      return ((await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix }))).Uploads ?? []).length;
    },
    async close() {
      // A server of somebody else's keeps nothing of ours but the empty bucket.
      for (const Key of await keys("")) await client.send(new DeleteObjectCommand({ Bucket, Key }));
      client.destroy();
      await close();
    },
  };
}
