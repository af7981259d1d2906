import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { Bucket, SentPart } from "../../../../../shared/connectors/objects/bucket.js";
import { InternalError } from "../../../../../shared/model/errors.js";

/** Not one that is worth a repeat: who is killed does not wait and try again. */
export const killed = () => new InternalError("INTERNAL", "killed");

/** Whether it is {@link killed}. */
export const isKill = (error: unknown) => error instanceof InternalError && error.message === "killed";

/** A store in memory that wants parts of a least size, and may be told to fail: before or after a call has had its effect. */
export function memoryBucket(minPartBytes: number, maxParts = 10_000) {
  const objects = new Map<string, { body: Buffer; run: string | null }>();
  const uploads = new Map<string, { key: string; parts: Map<number, Buffer>; run: string | null }>();
  let begun = 0;
  const state = { fails: () => null as "before" | "after" | null };
  async function call<T>(work: () => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve));
    const fails = state.fails();
    if (fails === "before") throw killed();
    const result = work();
    if (fails === "after") throw killed();
    return result;
  }
  const etagOf = (body: Buffer) => createHash("md5").update(body).digest("hex");
  const bucket: Bucket = {
    ...{ name: "memory", label: "bucket memory", scheme: "memory", title: "memory", facts: { minPartBytes, maxParts } },
    async *list(prefix) {
      const keys = await call(() => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort());
      for (const key of keys) yield { key, size: objects.get(key)?.body.length ?? 0, etag: "" };
    },
    head: (key) =>
      call(() => {
        const found = objects.get(key);
        return found ? { key, size: found.body.length, etag: "", run: found.run } : null;
      }),
    open: (key, { start, end }) =>
      call(() => {
        const found = objects.get(key);
        if (!found) throw new InternalError("INTERNAL", `${key} is not there`);
        return Readable.from([found.body.subarray(start, end)]);
      }),
    explain: (cause) => cause as InternalError,
    put: (key, body) => call(() => void objects.set(key, { body, run: null })),
    remove: (keys) =>
      call(() => {
        for (const key of keys) objects.delete(key);
      }),
    startUpload: (key, run) =>
      call(() => {
        const id = `u${begun++}`;
        uploads.set(id, { key, parts: new Map(), run: run ?? null });
        return id;
      }),
    uploadPart: ({ uploadId }, number, body) =>
      call((): SentPart => {
        const upload = uploads.get(uploadId);
        if (!upload || number < 1 || number > maxParts) throw new InternalError("INTERNAL", `no part ${number}`);
        upload.parts.set(number, body);
        return { number, etag: etagOf(body) };
      }),
    completeUpload: ({ key, uploadId }, parts) =>
      call(() => {
        const upload = uploads.get(uploadId);
        if (!upload) return "gone";
        const bodies = parts.map(({ number, etag }, i) => {
          const body = upload.parts.get(number);
          if (!body || etagOf(body) !== etag) throw new InternalError("INTERNAL", `part ${number} is another`);
          if (i > 0 && (parts[i - 1]?.number ?? 0) >= number) throw new InternalError("INTERNAL", "the order of parts");
          if (i < parts.length - 1 && body.length < minPartBytes) throw new InternalError("INTERNAL", "too small");
          return body;
        });
        objects.set(key, { body: Buffer.concat(bodies), run: upload.run });
        uploads.delete(uploadId);
        return "done";
      }),
    abortUpload: ({ uploadId }) => call(() => void uploads.delete(uploadId)),
    uploads: (prefix) =>
      call(() => [...uploads].flatMap(([uploadId, { key }]) => (key.startsWith(prefix) ? [{ key, uploadId }] : []))),
  };
  return { bucket, objects, uploads, state };
}
