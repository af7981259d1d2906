import type { Answered, Asked } from "../../shared/api/client/client.js";
import type { JsonObject } from "../../shared/model/json.js";

// Names for what commands hand around of requests and answers.

/** Values for `${name}` in a job script. */
export type Parameters = Readonly<Record<string, string>>;

/** What a run executes. */
export type RunOrder = NonNullable<Asked<"startRun">["body"]>;

/** What is stored as a job. */
export type JobRequest = Asked<"putJob">["body"];

/** A data source to register. */
export type DataSourceRequest = Asked<"createDataSource">["body"] & { readonly properties: JsonObject };

/** A definition to change. */
export type DefinitionRequest = Omit<NonNullable<Asked<"changeDataSource">["body"]>, "type" | "properties">;

/** The answer of a connectivity test. */
export type ConnectionTest = Answered<"testProperties">;

/** One result of many tests. */
export type TestedItem = Answered<"testDataSources">["items"][number];

/** A definition that can be restored. */
export type DeletedSourceAnswer = Answered<"deletedDataSources">["items"][number];

/** The answer of a deletion. */
export type DeletionRequest = Answered<"deleteDataSource">;

/** A job that a change breaks, and how. */
export type AffectedJob = DeletionRequest["affected"][number];

/** The answer of an import. */
export type ImportAnswer = Answered<"importDataSources">;

/** A workspace with what is left to configure. */
export type WorkspaceView = Answered<"workspace">;
