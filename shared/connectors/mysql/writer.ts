import type { Column } from "../../model/batch.js";
import { UserError } from "../../model/errors.js";
import type { Json } from "../../model/json.js";
import type { PlannedRun, Prepared, RunRef, Side, SplitRef, Writer, WriteSession } from "../contract.js";
import { type GivenColumns, refuseOtherColumns } from "../sql/same-columns.js";
import { sessionAdvice, settingOf } from "../sql/side-setting.js";
import { sourceOf } from "../sql/side-source.js";
import { settleZone } from "../sql/side-zone.js";
import { writerTemplate } from "../sql/template.js";
import { checkTarget } from "./check-target.js";
import { connect, type MysqlClient } from "./client.js";
import { jobStatements, runStatements, statementWarnings } from "./job-statements.js";
import { clearLedger } from "./ledger-table.js";
import { proveLoadData } from "./load-data-proof.js";
import { notOnlySet } from "./only-set.js";
import { renewable } from "./renewable-client.js";
import { onTableClocks, rowClocks } from "./row-clock.js";
import { toSluiceError } from "./server-error.js";
import { enterZone } from "./session-zone.js";
import type { MysqlSource } from "./source.js";
import { mayMakeThings } from "./statements.js";
import { mysqlSystem, sourceFor } from "./system.js";
import { describeTable, tableName } from "./table-info.js";
import { type InspectedTarget, inspectTarget } from "./target.js";
import { checkTargetCount, tableOfSplit } from "./target-of-split.js";
import { hiddenColumns, type TargetPlan, writtenColumns } from "./target-plan.js";
import template from "./template.json" with { type: "json" };
import { type TargetName, type WriteParams, writeParams } from "./write-params.js";
import { openWriteSession } from "./write-session.js";

type WriteSide = Side<MysqlSource, WriteParams>;

/** Writes tables by LOAD DATA LOCAL where the server allows it and is proven to keep its rules, else by multi-row INSERT, with the same guarantees. */
export const mysqlWriter: Writer<MysqlSource, WriteParams> = {
  params: writeParams,
  width: ({ columns }) => columns?.length ?? null,
  sql: ["column", "preSql", "postSql", "session", "updateColumn"],
  // DRDS and AnalyticDB replace, the latter when DataX writes it; all others insert.
  defaults: { drds: { writeMode: "replace" }, adbmysql: { writeMode: "replace" } },
  advice: (params) => sessionAdvice(notOnlySet, params),
  template: writerTemplate(template.writer),
  takesClocks: true,
  delivery: ({ mode }, exactlyOnce) => {
    if (mode !== "insert") return "idempotent";
    return exactlyOnce === false ? "atLeastOnce" : "ledger";
  },
  timeZone: (side) =>
    settleZone(mysqlSystem, side, {
      use: "write",
      datasources: side.params.targets.map(({ datasource }) => datasource),
    }),
  columns: readTargetColumns,
  leftOut,
  check,
  prepare,
  open,
  finish: async (side, run) => {
    await forgetRun(side, run);
    await runFor(side, "postSql");
  },
  discard: forgetRun,
};

async function readTargetColumns(side: WriteSide): Promise<readonly Column[] | null> {
  const [target] = side.params.targets;
  if (!target) return null;
  return withClient(side, target, "reading the columns", async (client) => {
    const { database } = sourceFor(sourceOf(side, target.datasource), target.table);
    const table = await describeTable(client, database, target.table);
    const columns = writtenColumns(table, side.params);
    return columns.map(({ name, type, declared, dataType }): Column => {
      const column = { name, type, nativeType: declared };
      return dataType === "timestamp" ? { ...column, isMoment: true } : column;
    });
  }).catch((error: unknown) => {
    const isMissing = error instanceof UserError && error.code === "SOURCE_OBJECT_MISSING";
    if (isMissing && mayMakeTable(side.params)) return null;
    throw error;
  });
}

async function leftOut(side: WriteSide) {
  const [target] = side.params.targets;
  if (!target || side.params.columns !== null) return [];
  return withClient(side, target, "reading the columns", async (client) =>
    hiddenColumns(
      await describeTable(client, sourceFor(sourceOf(side, target.datasource), target.table).database, target.table),
    ),
  );
}

/** A job may make its table in `preSql`; then nothing is known of it before. */
function mayMakeTable({ preSql }: WriteParams): boolean {
  return jobStatements(preSql, "preSql", "x").some(mayMakeThings);
}

/** What `prepare` found. Plain JSON. */
interface PreparedState {
  readonly targets: readonly TargetPlan[];
  /** Empty for a single target. */
  readonly splitsPerTable: readonly number[];
}

async function check(side: WriteSide, run: PlannedRun): Promise<readonly string[]> {
  const { params } = side;
  checkTargetCount(params.targets.length, run.splitsPerTable ?? []);
  const found: GivenColumns[] = [];
  for (const target of params.targets) {
    const { database } = sourceFor(sourceOf(side, target.datasource), target.table);
    const { sqlName } = tableName(database, target.table);
    const checked = { database, table: target.table, sqlName, params, run };
    const table = await withClient(side, target, "checking the target", (client) => checkTarget(client, checked));
    if (table) found.push({ title: table.title, columns: writtenColumns(table, params) });
  }
  if (params.columns === null) refuseOtherColumns(found, "star");
  return statementWarnings(params);
}

async function prepare(side: WriteSide, run: RunRef): Promise<Prepared> {
  const { params } = side;
  checkTargetCount(params.targets.length, run.splitsPerTable ?? []);
  const proofs: BulkProofs = new Map();
  const early = await inspectAll(side, run, proofs).catch((error: unknown) => {
    const isMissing = error instanceof UserError && error.code === "SOURCE_OBJECT_MISSING";
    if (!isMissing || !mayMakeTable(params)) throw error;
    return null;
  });
  await runFor(side, "preSql");
  const targets = early && params.preSql.length === 0 ? early : await inspectAll(side, run, proofs);
  const plans = targets.map(({ plan }) => plan);
  const isInsert = params.mode === "insert";
  const isLedger = isInsert && plans.every((plan) => plan.ledger);
  return {
    delivery: isInsert ? (isLedger ? "ledger" : "atLeastOnce") : "idempotent",
    repeatable: !isInsert || plans.every((plan) => plan.isTransactional),
    // Interfaces have no index signature, so the compiler cannot see that plans are JSON all the way down.
    state: { targets: plans, splitsPerTable: plans.length > 1 ? run.splitsPerTable : [] } as unknown as Json,
    notes: [...new Set(targets.flatMap(({ notes }) => notes))],
  };
}

/** What was found out about LOAD DATA LOCAL, once per data source. */
type BulkProofs = Map<string | null, Promise<string | null>>;

async function inspectAll(side: WriteSide, run: RunRef, proofs: BulkProofs): Promise<InspectedTarget[]> {
  const { params } = side;
  const found: InspectedTarget[] = [];
  for (const target of side.params.targets) {
    const source = sourceFor(sourceOf(side, target.datasource), target.table);
    const proveBulk = (client: MysqlClient) => {
      const proof = proofs.get(target.datasource) ?? proveLoadData(client);
      proofs.set(target.datasource, proof);
      return proof;
    };
    const look = (client: MysqlClient) => inspectTarget(client, source, target, { params, run, proveBulk });
    found.push(await withClient(side, target, "inspecting the target", look));
  }
  return found;
}

async function open(side: WriteSide, split: SplitRef): Promise<WriteSession> {
  const plan = planFor(split);
  const target = { datasource: plan.datasource, table: plan.sqlName };
  const clocks = rowClocks(plan, side.timeZone, split.clock);
  const connectForRows = async () => {
    const client = await connectTo(side, target);
    if (clocks.session !== clocks.writer) await enterZone(client, clocks.session);
    return client;
  };
  const client = renewable(await connectForRows(), async () => {
    const next = await connectForRows();
    await next.execute("SET autocommit = 0");
    return next;
  });
  const kill = () => client.cut();
  const { batchSize, batchBytes } = side.params;
  try {
    return await openWriteSession({
      placed: (batch) => onTableClocks(batch, plan, clocks),
      client,
      plan,
      split,
      batchSize,
      batchBytes,
      timeZone: side.timeZone,
      kill,
    });
  } catch (error) {
    client.destroy();
    throw toSluiceError(error, `opening ${plan.title}`);
  }
}

/** With several tables, the splits of the i-th source table go into the i-th one. */
function planFor({ prepared, split }: SplitRef): TargetPlan {
  // Only `prepare` of this writer makes the state; it comes back as it went.
  const { targets, splitsPerTable } = (prepared?.state ?? {
    targets: [],
    splitsPerTable: [],
  }) as unknown as PreparedState;
  const plan = targets.length > 1 ? targets[tableOfSplit(split, splitsPerTable)] : targets[0];
  if (!plan) throw new UserError("CONFIG_INVALID", "the run was not prepared for this split", { path: "table" });
  return plan;
}

async function forgetRun(side: WriteSide, { prepared, runId }: RunRef): Promise<void> {
  if (prepared?.delivery !== "ledger") return;
  const ledgerOf = ({ datasource, table }: TargetName) =>
    `${datasource} ${sourceFor(sourceOf(side, datasource), table).database}`;
  const places = new Map(side.params.targets.map((target) => [ledgerOf(target), target]));
  for (const target of places.values()) {
    await withClient(side, target, "clearing the ledger", (client) => clearLedger(client, runId));
  }
}

/** Statements of the job, for each table. */
async function runFor(side: WriteSide, key: "preSql" | "postSql"): Promise<void> {
  const entries = side.params[key];
  if (entries.length === 0) return;
  for (const target of side.params.targets) {
    const { sqlName } = tableName(sourceFor(sourceOf(side, target.datasource), target.table).database, target.table);
    const statements = jobStatements(entries, key, sqlName);
    const severalAtOnce = statements.some(({ hasBody }) => hasBody);
    await withClient(side, { ...target, severalAtOnce }, key, (client) => runStatements(client, statements));
  }
}

async function withClient<T>(
  side: WriteSide,
  target: TargetName & { readonly severalAtOnce?: boolean },
  doing: string,
  work: (client: MysqlClient) => Promise<T>,
): Promise<T> {
  const client = await connectTo(side, target, side.signal);
  try {
    return await work(client);
  } catch (error) {
    throw toSluiceError(error, doing);
  } finally {
    await client.close();
  }
}

/** @param signal  absent for rows: their session decides itself what becomes of a statement under way */
function connectTo(
  side: WriteSide,
  target: TargetName & { readonly severalAtOnce?: boolean },
  signal?: AbortSignal,
): Promise<MysqlClient> {
  const { severalAtOnce = false } = target;
  const source = sourceFor(sourceOf(side, target.datasource), target.table);
  return connect(source, { ...settingOf(notOnlySet, side, "write"), severalAtOnce, ...(signal && { signal }) });
}
