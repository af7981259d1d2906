import { z } from "zod";
import { choice, dataSource, flag, text, texts } from "../params/fields.js";
import { param } from "../params/note.js";
import { columnField, commonFields, idleFields, isCompress } from "./params.js";

/** Parses the parameters of the MaxCompute reader. */
export const odpsReadSchema = z
  .object({
    datasource: dataSource(),
    ...commonFields,
    column: columnField,
    partition: param(
      texts({ help: "" }).transform((given) => given ?? []),
      {
        help: "Partitions, each level in order, * for any value: pt=20240101,hh=*; or /*query*/ and a condition on the levels.",
        type: "texts",
      },
    ),
    enableWhere: flag({ help: "Read what where selects, in place of partitions.", default: false }),
    where: text({ help: "Condition of a query that runs in MaxCompute and whose result is read.", isSql: true }),
    splitMode: choice(["record", "partition"], {
      help: "record = partitions are cut into ranges of records, partition = each is a split of its own.",
      default: "record",
    }),
    successOnNoPartition: flag({ help: "true: no matching partition is no error.", default: false }),
    emptyAsNull: flag({ help: "Read empty text as NULL.", default: false }),
    isCompress,
    preSql: texts({
      help: "SQL statements that run before the table is looked at; after a crash they may run again.",
      isSql: true,
    }),
    postSql: texts({
      help: "SQL statements that run when all is written; after a crash they may run again.",
      isSql: true,
    }),
    ...idleFields,
  })
  .superRefine(({ enableWhere, where, partition }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (enableWhere && where === null) refuse("where", "required with enableWhere");
    if (where !== null && partition.length > 0)
      refuse("partition", "where stands in place of partitions: name the levels in it");
  });

/** Parameters of the MaxCompute reader. */
export type OdpsReadParams = z.infer<typeof odpsReadSchema>;
