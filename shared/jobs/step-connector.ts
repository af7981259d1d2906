import type { Connector } from "../connectors/contract.js";
import { connectorName, loadConnector, movingTypes } from "../connectors/registry.js";
import type { Job, Step } from "../model/job.js";
import type { ParsedScript } from "../script/read/parse-job.js";
import { didYouMean } from "../script/text/nearest.js";
import { ScriptError } from "../script/text/script-error.js";

/** Where the three spellings keep the type of a step, beside its `parameter`. */
const typeKeys = { "dataworks-2.0": "stepType", "dataworks-1.0": "plugin", datax: "name" } as const;

/** Where a step says its type. */
export function typePathOf({ path }: Step, format: Job["format"]): string {
  return path.replace(/parameter$/, typeKeys[format]);
}

/** Systems that DataWorks or DataX moves and we do not: who names one has not mistyped another. */
const elsewhere: ReadonlySet<string> = new Set([
  ...["cassandra", "clickhouse", "databricks", "datahub", "dlf", "dm", "doris", "elasticsearch", "ftp", "gbase8a"],
  ...["gdb", "greenplum", "hbase", "hdfs", "hive", "httpfile", "kafka", "kingbasees", "kudu", "lindorm", "loghub"],
  ...["memcache", "metaq", "milvus", "mongodb", "neo4j", "ocs", "opensearch", "oss_hdfs", "otsstream", "redis"],
  ...["redshift", "restapi", "s3", "salesforce", "saphana", "selectdb", "starrocks", "sybase", "tdengine", "tos"],
  ...["tsdb", "txtfile", "vertica"],
]);

/**
 * Loads the connector of one side of a job.
 *
 * @throws ScriptError at the step's type when there is none, or none that moves records in this direction; names what there is
 */
export async function stepConnector(
  kind: "reader" | "writer",
  { job, locate }: Pick<ParsedScript, "job" | "locate">,
): Promise<Connector> {
  const step = job[kind];
  const path = typePathOf(step, job.format);
  const refuse = (message: string) => new ScriptError({ message, path, ...locate(path) });
  const there = `; there are ${movingTypes().join(", ")}`;
  if (connectorName(step.type) === undefined) {
    const near = elsewhere.has(step.type) ? "" : didYouMean(step.type, movingTypes());
    throw refuse(`unsupported step type "${step.type}"${near || there}`);
  }
  const connector = await loadConnector(step.type);
  if (connector[kind]) return connector;
  const only = "data sources of this type can only be registered and tested";
  throw refuse(`unsupported step type "${step.type}": ${only}${there}`);
}
