import { z } from "zod";
import { type Batch, batchOf, type Cell, type Column, type DataRecord, payloadBytes } from "../../model/batch.js";
import { counted } from "../../model/counted.js";
import { patternFault } from "../../model/date-pattern.js";
import { InternalError, UserError } from "../../model/errors.js";
import type { Json } from "../../model/json.js";
import type { Reader, Side, SplitPlan } from "../contract.js";
import { adviceOnPatterns, refusePattern } from "../params/date-format.js";
import { countParam } from "../params/fields.js";
import { param } from "../params/note.js";
import { type CellMaker, cellMaker, isConstant } from "./cell-maker.js";
import { randomOfRow } from "./random.js";
import type { StreamSource } from "./source.js";

const columnTypes = ["string", "long", "double", "bool", "date", "bytes"] as const;

const columnSchema = z
  .object({
    type: param(
      z
        .string()
        .trim()
        .toLowerCase()
        .default("string")
        .transform((type) => (type === "boolean" ? "bool" : type))
        .pipe(z.enum(columnTypes)),
      { help: "Type of the cells.", choices: columnTypes },
    ),
    value: param(z.union([z.string(), z.number(), z.boolean()]).transform(String).optional(), {
      help: "The same in every record; wins over random.",
    }),
    random: param(z.string().optional(), {
      help: "Two bounds, such as 1,100: of numbers, of dates, of the length of texts and bytes; weights of false and true.",
    }),
    dateFormat: param(z.string().default("yyyy-MM-dd HH:mm:ss"), {
      help: "How the dates in value and random are written.",
    }),
  })
  .superRefine((spec, context) => {
    if (spec.type === "date" && patternFault(spec.dateFormat) !== null)
      return refusePattern(spec.dateFormat, ["dateFormat"], context);
    const made = cellMaker(spec);
    if (typeof made !== "function") context.addIssue({ code: "custom", path: [made.field], message: made.message });
  });

const paramsSchema = z.object({
  sliceRecordCount: countParam({
    help: "Records of each split; a run has as many splits as shards at once.",
    required: true,
  }),
  column: param(z.array(columnSchema).min(1), { help: "The columns to invent." }),
});

/** Parameters as parsed. They travel to shards as JSON and are parsed again there: parsing twice must change nothing. */
export type StreamReadParams = z.infer<typeof paramsSchema>;

/** What a shard is told about its split. */
const splitSchema = z.object({ split: z.number() });
/** The first row that is not yet written. */
const checkpointSchema = z.object({ row: z.number() });

/** Batches of about this size keep pipe and memory in balance. */
const BATCH_BYTES = 512 * 1024;
/** Also an end to batches of empty records. */
const BATCH_ROWS = 10_000;

/**
 * Invents records. Every split makes `sliceRecordCount` of them, so the number of splits decides the total:
 * `splitsPerShard` tells planning to ask for as many splits as there are shards.
 */
export const streamReader: Reader<StreamSource, StreamReadParams> = {
  params: paramsSchema,
  splitsPerShard: 1,
  width: ({ column }) => column.length,
  advice: ({ column }) =>
    adviceOnPatterns(
      column.map(({ type, dateFormat }, at) => [`column[${at}].dateFormat`, type === "date" ? dateFormat : undefined]),
    ),
  template: () => ({
    sliceRecordCount: 1000,
    column: [
      { type: "long", random: "1,1000000" },
      { type: "string", value: "constant" },
      { type: "date", random: "2024-01-01 00:00:00,2024-12-31 23:59:59" },
    ],
  }),
  columns: async ({ params }) => columnsOf(params),
  split,
  read,
};

function columnsOf(params: StreamReadParams): readonly Column[] {
  return params.column.map(({ type }, index) => ({ name: `column_${index}`, type }));
}

async function split({ params }: Side<StreamSource, StreamReadParams>, advice: number): Promise<SplitPlan> {
  const rows = params.sliceRecordCount;
  const splits = Array.from({ length: advice }, (_, number) => ({
    spec: { split: number },
    describe: `${counted(rows, "generated record")}, part ${number + 1} of ${advice}`,
    rows,
  }));
  return { splits, warnings: [] };
}

async function* read(
  { params, signal }: Side<StreamSource, StreamReadParams>,
  spec: Json,
  from: Json,
): AsyncIterable<Batch> {
  const columns = columnsOf(params);
  const number = splitSchema.parse(spec).split;
  const makeRow = rowMaker(params, number);
  let row = from === null ? 0 : checkpointSchema.parse(from).row;
  while (row < params.sliceRecordCount) {
    if (signal.aborted) throw new UserError("CANCELLED", "reading was stopped");
    const rows: DataRecord[] = [];
    let bytes = 0;
    for (; row < params.sliceRecordCount && bytes < BATCH_BYTES && rows.length < BATCH_ROWS; row++) {
      const record = makeRow(row);
      rows.push(record);
      bytes += payloadBytes([record]);
    }
    yield batchOf(rows, { columns, checkpoint: { row }, dirty: [] }, bytes);
  }
}

/** Records of constants are one and the same array: as fast as a source can be. */
function rowMaker({ column }: StreamReadParams, split: number): (row: number) => DataRecord {
  const makers = column.map((spec): CellMaker => {
    const made = cellMaker(spec);
    if (typeof made === "function") return made;
    throw new InternalError("INTERNAL", `a column passed the schema and cannot be made: ${made.message}`);
  });
  const cells = (row: number): readonly Cell[] => {
    const random = randomOfRow(split, row);
    return makers.map((make) => make(random));
  };
  if (!column.every(isConstant)) return cells;
  const constant = cells(0);
  return () => constant;
}
