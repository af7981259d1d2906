import type { z } from "zod";
import type { Batch, Column, DirtyRecord } from "../model/batch.js";
import type { CatalogColumn, CatalogPage, CatalogQuery } from "../model/catalog.js";
import type { ExactlyOnce, ParameterAdvice } from "../model/job.js";
import type { Json, JsonObject } from "../model/json.js";
import type { Preview } from "../model/preview.js";
import type { Progress } from "../model/progress.js";
import type { RecordJudge } from "../model/record-judge.js";
import type { SettledZone } from "../model/side-zone.js";

export type { CatalogColumn, CatalogPage, CatalogQuery, CatalogTable } from "../model/catalog.js";

/** One system: a plain object. Adding one touches its folder and one line of the registry. */
export interface Connector<S = unknown, R = unknown, W = unknown> {
  /** The step type, lower-case. */
  readonly name: string;
  readonly title: string;
  readonly source: SourceSpec<S>;
  /**
   * Connectivity test, step by step, ending with the first that fails; absent = this type offers none. Never throws for
   * a failed step: it reports it. `options.write` asks for the step `write` too.
   *
   * @throws UserError UNSUPPORTED when this type cannot be tested here, saying why
   */
  check?(source: S, signal: AbortSignal, options?: CheckOptions): Promise<readonly CheckStep[]>;
  /** What the source holds, for editors and templates; absent = it cannot be looked into. */
  readonly catalog?: Catalog<S>;
  readonly reader?: Reader<S, R>;
  readonly writer?: Writer<S, W>;
}

/** Looks into a data source. */
export interface Catalog<S> {
  /** Tables by name, a page at a time. */
  tables(source: S, query: CatalogQuery, signal: AbortSignal): Promise<CatalogPage>;
  /**
   * Columns of a table in order; absent = what `tables` lists has none that are declared.
   *
   * @throws UserError SOURCE_OBJECT_MISSING
   */
  columns?(source: S, table: string, signal: AbortSignal): Promise<readonly CatalogColumn[]>;
}

/** What a template is to be filled with. */
export interface TemplateTable {
  readonly datasource: string;
  /** Null = the data source only. */
  readonly table: string | null;
  /** Empty when the table or its columns are not known. */
  readonly columns: readonly CatalogColumn[];
}

/** The connection properties of a data source. */
export interface SourceSpec<S> {
  readonly schema: z.ZodType<S>;
  /**
   * The property by which these log in with a secret or a role that they do not hold themselves; null = they hold it.
   * Who may not read secrets may not borrow any either: pointed at another host, it would be handed over there.
   */
  borrows?(properties: JsonObject): string | null;
  /** What the user should know about properties that are valid and do not do what they do elsewhere; no values. */
  warnings?(properties: JsonObject): readonly string[];
  /** Names of the properties that are sealed at rest and never shown. */
  readonly secrets: readonly string[];
  /**
   * DataX scripts carry connection properties inside the parameter. Takes them out: `sources` are properties by an
   * invented data source name (`inline_1`, …) and `parameter` is the rest, naming those. Null = nothing inline here.
   *
   * @throws UserError CONFIG_INVALID at a path inside the parameter
   */
  fromInline?(parameter: JsonObject): InlineConnections | null;
  /** The keys, of the parameter and of each `connection` in it, whose values `fromInline` makes properties of. */
  readonly inlineKeys?: readonly string[];
}

/** The connections that a DataX parameter carried. */
export interface InlineConnections {
  readonly sources: Readonly<Record<string, JsonObject>>;
  readonly parameter: JsonObject;
  /** What was left out. */
  readonly warnings?: readonly ParameterAdvice[];
}

/** What a connectivity test is to find out beyond reading. */
export interface CheckOptions {
  readonly write?: boolean;
}

/** One step of a connectivity test. */
export interface CheckStep {
  readonly name: "resolve" | "connect" | "tls" | "login" | "exists" | "read" | "write";
  readonly ok: boolean;
  readonly durationMs: number;
  /** What was found, or what went wrong; no secret. */
  readonly message: string;
  /** What to do about a step that failed. */
  readonly hint?: string;
}

/** Everything one side of a job knows when it works. */
export interface Side<S, P> {
  /** Properties of the first data source that the step names. */
  readonly source: S;
  /** All data sources that the step names (`datasource`, `connection[].datasource`), by name. */
  readonly sources: Readonly<Record<string, S>>;
  readonly params: P;
  /**
   * The zone of this side, an offset or an IANA name: SQL of the job runs in it, and moments are shown in it. Planning settles it
   * (`timeZone` of reader and writer); before, it is what the job says, null = nothing.
   */
  readonly timeZone: string | null;
  /** Cancel and abort; checked between batches, passed to whatever can be interrupted. */
  readonly signal: AbortSignal;
  /** Present = for a plan, not for a run. */
  readonly preview?: Preview;
}

/** A disjoint slice of the source, as plain JSON: shards share nothing else. */
export interface Split {
  readonly spec: Json;
  /** One line for people: the SQL, or the object and byte range. */
  readonly describe: string;
  /** Estimated records and bytes, where the source offers an estimate. */
  readonly rows?: number;
  readonly bytes?: number;
}

/** What `Reader.split` found. The order of `splits` is the order in which they are offered to shards. */
export interface SplitPlan {
  readonly splits: readonly Split[];
  /** How many splits each table or statement of the job has, in the order of both; absent = each split stands for itself. */
  readonly splitsPerTable?: readonly number[];
  /** The columns of all tables together, where they are several: of `columns`, with types that the cells of all have. */
  readonly columns?: readonly Column[];
  /** What the user should know, such as "no primary key: one split"; with the field that it is about, where there is one. */
  readonly warnings: readonly (string | ParameterAdvice)[];
}

/** The reading side of a connector. */
export interface Reader<S, R> {
  /**
   * Parses `parameter`; made of the fields of `connectors/params`, so that keys, help and forms come of it. Its keys are all
   * that there may be; unknown ones are the script room's business: parse with passthrough or strip, never strict.
   */
  readonly params: z.ZodType<R>;
  /** Keys that count for nothing while another one has a value, by that other one: they are taken out with a warning. */
  readonly overrides?: Readonly<Record<string, readonly string[]>>;
  /** How many columns a parameter names; null = only the source tells. Absent = never known before. */
  width?(params: R): number | null;
  /** What is odd but harmless in a parameter: warnings of `validate`, `plan` and the run. */
  advice?(params: R): readonly ParameterAdvice[];
  /** A `parameter` a user can copy; about a real table where one is given. */
  template(about?: TemplateTable): JsonObject;
  /** Splits wanted per shard; absent = 5, so that a skewed one does not hold up the run. A source whose splits each add records says 1. */
  readonly splitsPerShard?: number;
  /** The side's zone: what the job says (`side.timeZone`), else what the system knows; null or absent = the workspace's default. */
  timeZone?(side: Side<S, R>): Promise<SettledZone | null>;
  /** preSql: before a run's columns are asked for and its source is cut; not for a plan. A repeat after a crash must be harmless. */
  prepare?(side: Side<S, R>): Promise<void>;
  /** postSql: after the writer's `finish`; repeated as that is. */
  finish?(side: Side<S, R>): Promise<void>;
  /** Output columns in order; resolves `*`, constants and expressions. */
  columns(side: Side<S, R>): Promise<readonly Column[]>;
  /** True when `*` stands for any columns, because no record will come that tells them; asked where `columns` do not fit. */
  isOpen?(side: Side<S, R>): Promise<boolean>;
  /** Cuts the source into about `advice` (>= 1) slices that are disjoint and complete; an empty source gives an empty list or empty slices. */
  split(side: Side<S, R>, advice: number): Promise<SplitPlan>;
  /**
   * What of a split reading on behind a checkpoint relies on, such as the key that orders it: a run is resumed only where new
   * splits have the same. Absent or null = nothing that `read` would not notice.
   */
  orderOf?(spec: Json): Json;
  /**
   * Streams one slice in a repeatable order. `from` is the checkpoint of the last batch that was safely written, null at the start.
   * Batches hold about 256 KiB to 1 MiB and at least one record unless it reports only dirty ones.
   * Leaving the loop early closes everything. Throws SluiceError only.
   */
  read(side: Side<S, R>, spec: Json, from: Json): AsyncIterable<Batch>;
}

/** What a retry of this writer may do; see architecture, "Delivery". */
export type Delivery = "publish" | "ledger" | "idempotent" | "atLeastOnce";

/** What `Writer.prepare` found out once per run; travels to every `open` and `finish` of the run. */
export interface Prepared {
  readonly delivery: Delivery;
  /** False when a split that may have written something can be neither resumed nor repeated; absent = true. */
  readonly repeatable?: boolean;
  /** The connector's own knowledge: column types, LOAD DATA allowed, names; plain JSON, small, no secrets. */
  readonly state: Json;
  /** What the report should say, such as "LOAD DATA LOCAL is off on the server: multi-row INSERT used". */
  readonly notes: readonly string[];
}

/** One run, as writers know it. */
export interface RunRef {
  readonly runId: string;
  readonly exactlyOnce: ExactlyOnce;
  /** The reader's columns. */
  readonly columns: readonly Column[];
  /** See {@link SplitPlan}; told to `check` and `prepare` only. */
  readonly splitsPerTable?: readonly number[];
  /** The reader's zone: dates show its clock, those of columns with a `clock` excepted. Absent = that of the writer. */
  readonly clock?: string;
  /** Absent only before and inside `prepare`. */
  readonly prepared?: Prepared;
}

/** A run that is planned and not begun: it has no id, and nothing is prepared for it. */
export type PlannedRun = Omit<RunRef, "runId" | "prepared">;

/** One attempt at one split. */
export interface SplitRef extends RunRef {
  /** 0-based number of the split. */
  readonly split: number;
  /** How many splits the run has. */
  readonly splits: number;
  /** 1-based; a later attempt makes earlier ones zombies. */
  readonly attempt: number;
  /** Where our metadata says the split stands; a ledger's `resumeFrom` wins over it. */
  readonly progress: Progress;
  /**
   * Keeps dirty records. A writer calls it before it commits the records read since `at` (the progress *before* them),
   * with the dirty records of the batch and its own, so that a repeat overwrites the same file.
   */
  keepDirty(dirty: readonly DirtyRecord[], at: Progress): Promise<void>;
  /**
   * A value that all splits of the run share, by name: the first one made. `make` may run for several splits at once; all but one
   * of what they make is for nothing, so it must do no harm unused.
   */
  agree(name: string, make: () => Promise<string>): Promise<string>;
  /** Asked before a commit beside so many more dirty records. A number = too many: take back, keep that many, write no more, resolve. */
  admitDirty?(dirty: number): Promise<number | null>;
}

/** The writing side of a connector. */
export interface Writer<S, W> {
  readonly params: z.ZodType<W>;
  /** What a step type stands for, an alias for the most part, where the parameter leaves it out. */
  readonly defaults?: Readonly<Record<string, JsonObject>>;
  /** As of the reader; null also where any width is taken. */
  width?(params: W): number | null;
  /** As of the reader. */
  advice?(params: W): readonly ParameterAdvice[];
  template(about?: TemplateTable): JsonObject;
  /** The delivery class as far as the parameters tell, for `plan`; `prepare` has the last word. */
  delivery(params: W, exactlyOnce: ExactlyOnce): Delivery;
  /** The writer minds `Column.clock`; absent = such columns are shown on the clock of the reader's zone before it gets them. */
  readonly takesClocks?: true;
  /** As that of {@link Reader}. */
  timeZone?(side: Side<S, W>): Promise<SettledZone | null>;
  /** Target columns in order; null = takes any width. `leftOut`: those that `*` does not write, and why; asked where widths differ. */
  columns(side: Side<S, W>): Promise<readonly Column[] | null>;
  /** A reader may give fewer columns than these; the writer leaves the others as they are without a value, and `check` says which. */
  readonly takesFewer?: true;
  leftOut?(side: Side<S, W>): Promise<readonly { readonly name: string; readonly why: string }[]>;
  /**
   * Looks for all that would make the run fail, as far as it can be known without changing anything: for `plan`, and before
   * `prepare` of every run.
   *
   * @returns what the user should know
   * @throws UserError for a run that cannot succeed
   */
  check?(side: Side<S, W>, run: PlannedRun): Promise<readonly string[]>;
  /**
   * Opens a judgement of records as writing them would make it, without writing: by the rules of columns, not by what the system alone
   * finds out (keys that are there already, constraints, triggers). Absent = known by the types of the columns only.
   */
  judge?(side: Side<S, W>, run: PlannedRun): Promise<RecordJudge>;
  /** preSql, truncate, probes: completes before any split may be claimed, so a repeat after a crash is harmless. */
  prepare(side: Side<S, W>, run: RunRef): Promise<Prepared>;
  open(side: Side<S, W>, split: SplitRef): Promise<WriteSession>;
  /** Publish and postSql: once per run, after all splits are done. `tokens` are those of `close`, by split number. */
  finish?(side: Side<S, W>, run: RunRef, tokens: readonly Json[]): Promise<void>;
  /** Undoes what was not published, after a failed or cancelled run. */
  discard?(side: Side<S, W>, run: RunRef, tokens: readonly Json[]): Promise<void>;
}

/** An open split. */
export interface WriteSession {
  /** A ledger's answer: where the target itself says the split stands. Wins over `SplitRef.progress`. */
  readonly resumeFrom?: Progress;
  /** The target holds the whole split already, up to `resumeFrom`: nothing is read, the session is closed at once. */
  readonly isComplete?: boolean;
  /** Takes one batch; may return before it is durable. Rejects with SluiceError when the split cannot go on. */
  write(batch: Batch): Promise<WriteReport>;
  /** Makes everything durable that can be, so that a successor may go on from the reported progress. The session stays usable. */
  flush(): Promise<WriteReport>;
  /** All durable; the token goes to `finish`. */
  close(): Promise<WriteReport & { readonly token?: Json }>;
  /** Drops what is not durable and frees all resources; safe to call at any time, also after `close`. */
  abort(): Promise<void>;
}

/** What a write achieved. */
export interface WriteReport {
  /** The latest point that is safely in the target, also where nobody can go on (no checkpoint); null = no news. See `advance` of the model. */
  readonly durable: Progress | null;
}
