import { UserError } from "../model/errors.js";
import type { Connector } from "./contract.js";

interface Entry {
  /** Loads the connector's code, at its first use only. */
  readonly load: () => Promise<Connector>;
  /** Other step types that mean this connector. */
  readonly aliases?: readonly string[];
  /** It moves no records yet: data sources only. */
  readonly isSourceOnly?: true;
}

/** One line per system. */
const entries: Readonly<Record<string, Entry>> = {
  stream: { load: () => import("./stream/index.js").then((m) => m.stream as Connector) },
  mysql: {
    load: () => import("./mysql/index.js").then((m) => m.mysql as Connector),
    aliases: [
      "mariadb",
      "polardb",
      "drds",
      "polardbx20",
      "polardb-x-2-0",
      "tddl",
      "tidb",
      "hybriddb",
      "rds",
      "analyticdb_for_mysql",
      "adbmysql",
      "apsaradb_for_oceanbase",
      "oceanbasev10",
    ],
  },
  postgresql: {
    load: () => import("./postgresql/index.js").then((m) => m.postgresql as Connector),
    aliases: [
      "postgres",
      "adbpg",
      "analyticdb_for_postgresql",
      "greenplum",
      "holo",
      "hologres",
      "hologresjdbc",
      "polardb-pg",
      "polardb_pg",
      "polardbpg",
      "kingbasees",
      "opengauss",
    ],
  },
  sqlserver: {
    load: () => import("./sqlserver/index.js").then((m) => m.sqlserver as Connector),
    aliases: ["mssql"],
  },
  oracle: { load: () => import("./oracle/index.js").then((m) => m.oracle as Connector) },
  // DataX reads and writes it by its plugin for whatever has a JDBC driver.
  db2: { load: () => import("./db2/index.js").then((m) => m.db2 as Connector), aliases: ["rdbms"] },
  ads: {
    load: () => import("./analyticdb/index.js").then((m) => m.analyticdb as Connector),
    aliases: ["analyticdb"],
    isSourceOnly: true,
  },
  odps: {
    load: () => import("./odps/index.js").then((m) => m.odps as Connector),
    aliases: ["maxcompute"],
  },
  oss: { load: () => import("./oss/index.js").then((m) => m.oss as Connector) },
  s3: { load: () => import("./s3/index.js").then((m) => m.s3 as Connector) },
  ots: { load: () => import("./ots/index.js").then((m) => m.ots as Connector), aliases: ["tablestore"] },
};

/** All step types, aliases included, in alphabetical order. */
function knownTypes(): readonly string[] {
  return Object.entries(entries)
    .flatMap(([name, entry]) => [name, ...(entry.aliases ?? [])])
    .sort();
}

/** Step types that jobs may name, aliases included, in alphabetical order. */
export function movingTypes(): readonly string[] {
  return Object.entries(entries)
    .flatMap(([name, { aliases = [], isSourceOnly }]) => (isSourceOnly ? [] : [name, ...aliases]))
    .sort();
}

/** The names of all connectors, without aliases, in alphabetical order. */
export function connectorNames(): readonly string[] {
  return Object.keys(entries).sort();
}

/** Other step types that mean this connector. */
export function aliasesOf(name: string): readonly string[] {
  return entries[name]?.aliases ?? [];
}

/** The connector's own name for a step type or alias; undefined when nobody answers to it. */
export function connectorName(type: string): string | undefined {
  const wanted = type.trim().toLowerCase();
  return Object.keys(entries).find((name) => name === wanted || entries[name]?.aliases?.includes(wanted));
}

/**
 * Loads the connector that answers to a step type.
 *
 * @throws UserError CONFIG_INVALID when there is none; the message names the nearest types
 */
export async function loadConnector(type: string): Promise<Connector> {
  const name = connectorName(type);
  const entry = name === undefined ? undefined : entries[name];
  if (!entry) throw new UserError("CONFIG_INVALID", `unsupported type "${type}"; known are ${knownTypes().join(", ")}`);
  return entry.load();
}

/** What to tell who wants a side that the connector lacks. */
export function noSide({ title, name }: Connector, kind: "reader" | "writer"): string {
  const there = movingTypes().join(", ");
  return `there is no ${kind} for ${title} yet: data sources of type ${name} can only be registered and tested; there are ${there}`;
}
