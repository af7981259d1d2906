import { describe, expect, it } from "vitest";
import { odpsReadSchema } from "../../../../../shared/connectors/odps/read-params.js";
import { odpsWriteSchema } from "../../../../../shared/connectors/odps/write-params.js";

/** What is wrong, each with its place. */
function issuesOf(schema: typeof odpsReadSchema | typeof odpsWriteSchema, parameter: object): string[] {
  const { error } = schema.safeParse({ table: "t", column: ["*"], ...parameter });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("what is wrong with a parameter", () => {
  it("is said of a writer all at once, each with its field, what it is and the way out", () => {
    const given = {
      ...{ table: "my table", partition: "pt:20240101", truncate: "maybe", column: ["id", "ID"], blockSizeInMB: 1024 },
      ...{ overLengthRule: "cut", packageAuthorizedProject: "other" },
      partitionColumnMapping: [{ name: "pt", dateFormat: "yyyyQQ" }, { name: "PT" }],
    };
    const found = issuesOf(odpsWriteSchema, given).join("\n");
    for (const words of [
      "table: expected the name of one table",
      'partition: partition: "pt:20240101" is no partition; expected levels such as pt=20240101,hh=00',
      "truncate: ",
      "column: id is named twice",
      "blockSizeInMB: ",
      "overLengthRule: ",
      "packageAuthorizedProject: not supported",
      "partitionColumnMapping.0.dateFormat: the pattern",
      "partitionColumnMapping.1.dateFormat: ",
    ])
      expect(found).toContain(words);
  });

  it("is said of a reader all at once", () => {
    const given = { column: ["*", "id"], splitMode: "rows", maxRetryTime: 99, table: "a.b.c" };
    const found = issuesOf(odpsReadSchema, given).join("\n");
    for (const words of ["column: * stands for all columns", "splitMode: ", "maxRetryTime: ", "table: expected"])
      expect(found).toContain(words);
    expect(issuesOf(odpsReadSchema, { where: "id > 1", partition: "pt=1" })).toEqual([
      "partition: where stands in place of partitions: name the levels in it",
    ]);
    expect(issuesOf(odpsReadSchema, { enableWhere: true })).toEqual(["where: required with enableWhere"]);
  });

  it("is said of a writer whose fields do not go together", () => {
    expect(issuesOf(odpsWriteSchema, {})).toEqual([
      "truncate: required: true replaces what is there, false adds to it",
    ]);
    expect(issuesOf(odpsWriteSchema, { truncate: true, supportDynamicPartition: true, partition: "pt=1" })).toEqual([
      "partition: goes with supportDynamicPartition false: with true columns of the record tell the partition",
    ]);
    expect(
      issuesOf(odpsWriteSchema, {
        truncate: true,
        partitionColumnMapping: ["pt", "PT"].map((name) => ({ name, dateFormat: "yyyy" })),
      }),
    ).toEqual(["partitionColumnMapping.1.name: PT is named twice"]);
  });
});
