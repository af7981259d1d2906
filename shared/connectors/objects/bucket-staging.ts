import { isJsonObject } from "../../model/json.js";
import { isStaging } from "../../model/staging-name.js";
import type { RunRef } from "../contract.js";
import type { Bucket, Upload } from "./bucket.js";
import { objectName, runPrefix, stagingPrefix } from "./names.js";
import { objectStage } from "./object-stage.js";
import { abortUploads, completeAll, completeSingle, removeLumps, removeOthers } from "./publish.js";
import { singleStage } from "./single-stage.js";
import { stagedObjectOf } from "./staged.js";
import type { Staging } from "./staging.js";
import type { ObjectWriteParams } from "./write-params.js";

const MEGABYTE = 1024 * 1024;

/** The staging of a bucket: multipart uploads, completed when the run is published. */
export function bucketStaging(bucket: Bucket, params: ObjectWriteParams, signal: AbortSignal): Staging {
  return params.writeSingleObject ? oneObject(bucket, params, signal) : manyObjects(bucket, params);
}

/** One object or more per split; each is an upload of its own. */
function manyObjects(bucket: Bucket, params: ObjectWriteParams): Staging {
  return {
    firstTaken: () => firstOf(bucket, params.object, (key) => !isStaging(key)),
    begin: async () => ({}),
    async stage(split, frame) {
      const nameOf = (part: number) => objectName(params, split.runId, { split: split.split, part });
      const limits = { maxBytes: params.maxFileSize * MEGABYTE, makesEmpty: params.generateEmptyFile };
      return objectStage({ bucket, frame, staged: stagedObjectOf(split.progress.staged), nameOf, ...limits });
    },
    async publish(run, { tokens, emptyFile }) {
      const splits = tokens.filter((token) => token !== null).map(stagedObjectOf);
      const objects = splits.flatMap((split) => split.objects);
      const empties = splits.flatMap(({ empty }) => (empty === undefined ? [] : [empty]));
      await completeAll(bucket, objects);
      for (const key of empties) await bucket.put(key, emptyFile);
      const own = new Set([...objects.map(({ key }) => key), ...empties]);
      if (params.writeMode === "truncate") await removeOthers(bucket, params.object, own);
      await abortUploads(bucket, runPrefix(params, run.runId));
    },
    discard: ({ runId }) => abortUploads(bucket, runPrefix(params, runId)),
  };
}

/** One object of all splits, which is one upload. */
function oneObject(bucket: Bucket, params: ObjectWriteParams, signal: AbortSignal): Staging {
  const uploadOf = ({ prepared }: RunRef): Upload => {
    const state = prepared?.state;
    return { key: params.object, uploadId: isJsonObject(state) ? String(state.uploadId) : "" };
  };
  const prefixOf = ({ runId }: RunRef) => stagingPrefix(params, runId);
  return {
    firstTaken: () => firstOf(bucket, params.object, (key) => key === params.object),
    begin: async ({ runId }) => ({ uploadId: await bucket.startUpload(params.object, runId) }),
    stage: (split) => {
      const staged = stagedObjectOf(split.progress.staged);
      return singleStage({ ...split, bucket, staged, signal, upload: uploadOf(split), stagingPrefix: prefixOf(split) });
    },
    async publish(run, { tokens, header }) {
      const splits = tokens.map((token) => stagedObjectOf(token ?? undefined));
      const upload = uploadOf(run);
      const keepsOther = params.writeMode === "nonConflict";
      const isMade = await completeSingle(bucket, { run: run.runId, upload, header, splits, keepsOther, signal });
      if (!isMade) await bucket.abortUpload(upload);
      if (!isMade && params.writeMode === "truncate") await bucket.remove([params.object]);
      await removeLumps(bucket, prefixOf(run));
    },
    async discard(run) {
      const upload = uploadOf(run);
      // A run that failed before its upload began has staged nothing.
      if (upload.uploadId === "") return;
      await bucket.abortUpload(upload);
      await removeLumps(bucket, prefixOf(run));
    },
  };
}

async function firstOf(bucket: Bucket, prefix: string, counts: (key: string) => boolean): Promise<string | null> {
  for await (const { key } of bucket.list(prefix)) if (counts(key)) return key;
  return null;
}
