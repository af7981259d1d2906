import { z } from "zod";
import { UserError } from "../../model/errors.js";
import { choice, countParam, dataSource, flag, idle, text, texts } from "../params/fields.js";
import { param } from "../params/note.js";
import { MOST_BYTES } from "./cells/text-cells.js";
import { keyFormatSchema, refuseSameKeys } from "./key-format.js";
import { columnField, commonFields, idleFields, isCompress } from "./params.js";
import { parsePartitionSpec } from "./partition-spec.js";

/** At once with all else that is wrong: what a whole schema checks waits for its fields to be right. */
function refuseOddPartition(given: string | null, context: z.RefinementCtx): void {
  try {
    parsePartitionSpec(given ?? "");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
  }
}

function refuseTwice(columns: readonly string[], context: z.RefinementCtx): void {
  const names = columns.map((name) => name.toLowerCase());
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) context.addIssue({ code: "custom", message: `${twice} is named twice` });
}

const fields = {
  datasource: dataSource(),
  ...commonFields,
  partition: text({
    help: "Partition down to the last level, such as pt=${bizdate}; absent for a table without partitions.",
  }).superRefine(refuseOddPartition),
  column: columnField.superRefine(refuseTwice),
  truncate: param(flag({ help: "" }), {
    help: "true: what the table or partition holds is replaced when the run succeeds; false: records are added.",
    required: true,
  }),
  emptyAsNull: flag({ help: "Write empty text as NULL.", default: false }),
  overLengthRule: choice(["keepOn", "truncate", "setNull"], {
    help: "Text beyond maxFieldLength: keepOn = dirty if the service refuses it, truncate = cut, setNull = NULL.",
    default: "keepOn",
  }),
  maxFieldLength: countParam({ help: "Bytes that overLengthRule goes by.", max: MOST_BYTES }),
  maxOdpsFieldLength: countParam({ help: "The same as maxFieldLength.", hidden: true }),
  blockSizeInMB: countParam({
    help: "Megabytes of records in one block, at most; memory sets a limit of 16.",
    max: 512,
    default: 16,
  }),
  supportDynamicPartition: flag({ help: "Partitions are told by columns of the record.", default: false }),
  partitionColumnMapping: param(z.array(keyFormatSchema).superRefine(refuseSameKeys).default([]), {
    help: "How dates become values of the partition's keys, such as days of moments; other keys keep their text.",
    type: "objects",
    inside: keyFormatSchema,
  }),
  preSql: texts({ help: "SQL statements that run before anything is written.", isSql: true }),
  postSql: texts({
    help: "SQL statements that run when all is written; after a crash they may run again.",
    isSql: true,
  }),
  isCompress,
  compress: idle("old samples have it"),
  consistencyCommit: idle("all that a run writes becomes visible at its end, in any case"),
  writeTimeoutInMs: idle(),
  enableOverLengthOutput: idle("what is cut is not reported one by one"),
  maxOverLengthOutputCount: idle("what is cut is not reported one by one"),
  checkWithGetSize: idle(),
  dynamicPartitionMemUsageFlushIntervalInMinute: idle("blocks are sent as memory needs it"),
  ...idleFields,
};

/** Parses the parameters of the MaxCompute writer. */
export const odpsWriteSchema = z.object(fields).superRefine((params, context) => {
  const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
  if (params.truncate === undefined) refuse("truncate", "required: true replaces what is there, false adds to it");
  if (params.supportDynamicPartition && params.partition !== null)
    refuse("partition", "goes with supportDynamicPartition false: with true columns of the record tell the partition");
});

/** Parameters of the MaxCompute writer. */
export type OdpsWriteParams = z.infer<typeof odpsWriteSchema>;

/** What replaces what; parsing has seen to it that it is there. */
export function isTruncating({ truncate }: OdpsWriteParams): boolean {
  if (truncate === undefined) throw new UserError("CONFIG_INVALID", "truncate: required", { path: "truncate" });
  return truncate;
}
