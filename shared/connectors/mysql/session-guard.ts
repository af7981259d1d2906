import { UserError } from "../../model/errors.js";
import type { SessionUse } from "../sql/side-setting.js";
import type { MysqlClient } from "./connection.js";

/** A variable that a job's own statements may have changed, and what correct work needs of it. */
interface Guarded {
  readonly uses: readonly SessionUse[];
  /** As the server shows it. */
  readonly fits: (value: string) => boolean;
  /** Assignment that puts it back. */
  readonly restore: string;
  /** What would happen otherwise; null = nobody can mean anything by it, so nobody is told. */
  readonly why: string | null;
}

const both = ["read", "write"] as const;
const isOff = (value: string) => /^(OFF|0)$/i.test(value);
const isUtf8 = (value: string) => value.toLowerCase() === "utf8mb4";

/** By name; a server shows those it has. */
const guarded: Readonly<Record<string, Guarded>> = {
  character_set_client: {
    ...{ uses: both, fits: isUtf8, restore: "character_set_client = utf8mb4" },
    why: "characters would be lost or become others",
  },
  character_set_results: {
    ...{ uses: both, fits: isUtf8, restore: "character_set_results = utf8mb4" },
    why: "characters would be lost or become others",
  },
  character_set_connection: {
    ...{ uses: both, fits: isUtf8, restore: "character_set_connection = utf8mb4" },
    why: "characters would be lost or become others",
  },
  autocommit: {
    ...{ uses: both, fits: (value) => !isOff(value), restore: "autocommit = 1" },
    why: "what preSql and postSql do would be undone at their end",
  },
  completion_type: {
    ...{ uses: both, fits: (value) => /^(NO_CHAIN|0)$/i.test(value), restore: "completion_type = 0" },
    why: "a commit would begin another transaction, or end the connection",
  },
  ...isolation("transaction_isolation"),
  ...isolation("tx_isolation"),
  sql_select_limit: {
    ...{ uses: both, fits: (value) => value.length >= 19, restore: "sql_select_limit = 9223372036854775807" },
    why: "tables would be cut short; limit rows by a where or a querySql",
  },
  ...timeLimit("max_statement_time"),
  ...timeLimit("max_execution_time"),
  sql_auto_is_null: { uses: both, fits: isOff, restore: "sql_auto_is_null = 0", why: "IS NULL would find other rows" },
  unique_checks: {
    ...{ uses: ["write"], fits: (value) => !isOff(value), restore: "unique_checks = 1" },
    why: "duplicate keys could get in unseen",
  },
  max_error_count: {
    ...{ uses: ["write"], fits: (value) => Number(value) >= 64, restore: "max_error_count = 1024" },
    why: "the server would forget what it warned of",
  },
  sql_notes: { uses: ["write"], fits: isOff, restore: "sql_notes = 0", why: null },
};

function isolation(name: string): Record<string, Guarded> {
  const guard: Guarded = {
    uses: both,
    fits: (value) => !/^READ.UNCOMMITTED$/i.test(value),
    restore: `${name} = 'REPEATABLE-READ'`,
    why: "rows would be seen that nobody has committed; consistent reads take no locks either",
  };
  return { [name]: guard };
}

function timeLimit(name: string): Record<string, Guarded> {
  const restore = `${name} = 0`;
  const why = "long reads and loads would break off, again and again";
  return { [name]: { uses: both, fits: (value) => Number(value) === 0, restore, why } };
}

/** SQL modes without which, and with which, values would be bent or rows lost. All others are the job's business. */
export const modes = {
  write: {
    needed: {
      STRICT_ALL_TABLES: "values that do not fit would be bent instead of refused",
      NO_AUTO_VALUE_ON_ZERO: "a zero for an AUTO_INCREMENT column would become another number",
    },
    refused: { EMPTY_STRING_IS_NULL: "empty texts would become NULL" },
  },
  read: {
    needed: {},
    refused: {
      NO_ZERO_IN_DATE: "keys that hold zeros in dates could not be compared",
      NO_ZERO_DATE: "keys that hold zero dates could not be compared",
      TRADITIONAL: "it brings NO_ZERO_DATE along",
      PAD_CHAR_TO_FULL_LENGTH: "texts would arrive with blanks that are not theirs",
      EMPTY_STRING_IS_NULL: "empty texts in conditions would become NULL",
    },
  },
} as const satisfies Record<SessionUse, Record<"needed" | "refused", Readonly<Record<string, string>>>>;

/**
 * Looks at a session after statements that are not ours, ends a transaction that they may have begun, and puts back what correct work
 * cannot do without. Other wishes stay: ANSI_QUOTES, foreign_key_checks, a time zone.
 *
 * @returns what was put back and why, a line each
 * @throws UserError CONFIG_INVALID at `session` when the server does not let it be put back
 */
export async function guardSession(client: MysqlClient, use: SessionUse): Promise<readonly string[]> {
  await client.execute("COMMIT");
  const found = await variables(client);
  const warnings: string[] = [];
  const settings: string[] = [];
  for (const [name, { uses, fits, restore, why }] of Object.entries(guarded)) {
    const value = found.get(name);
    if (value === undefined || !(uses as readonly SessionUse[]).includes(use) || fits(value)) continue;
    settings.push(restore);
    if (why !== null)
      warnings.push(`session sets ${name} to ${value || "NULL"}; put back to ${restore.split(" = ")[1]}: ${why}`);
  }
  const mode = modeFor(found.get("sql_mode") ?? "", use);
  if (mode) {
    settings.push(`sql_mode = '${mode.value}'`);
    warnings.push(...mode.warnings);
  }
  if (settings.length === 0) return [];
  try {
    await client.execute(`SET SESSION ${settings.join(", ")}`);
  } catch (cause) {
    const message = `the session statements cannot be honoured, and the server does not let them be put right: ${warnings.join("; ")}`;
    throw new UserError("CONFIG_INVALID", message, { path: "session", cause });
  }
  return warnings;
}

/** By SHOW, because a SELECT fails as a whole when a server lacks one of them. */
async function variables(client: MysqlClient): Promise<ReadonlyMap<string, string>> {
  // The limit cuts this answer short as well.
  const limit = await client.query("SELECT @@sql_select_limit");
  await client.execute("SET SESSION sql_select_limit = 9223372036854775807");
  const names = [...Object.keys(guarded), "sql_mode"].map((name) => `'${name}'`);
  const { rows } = await client.query(`SHOW SESSION VARIABLES WHERE Variable_name IN (${names.join(", ")})`);
  const pairs = rows.map(([name, value]) => [(name ?? "").toLowerCase(), value ?? ""] as const);
  return new Map([...pairs, ["sql_select_limit", limit.rows[0]?.[0] ?? ""]]);
}

/** The SQL mode as it must be; null when it is so already. */
function modeFor(value: string, use: SessionUse): { value: string; warnings: string[] } | null {
  const { needed, refused } = modes[use];
  const given = value.split(",").filter((mode) => mode !== "");
  const missing = Object.entries(needed).filter(([mode]) => !given.includes(mode));
  const wrong = Object.entries(refused).filter(([mode]) => given.includes(mode));
  if (missing.length + wrong.length === 0) return null;
  const gone = new Set(wrong.map(([mode]) => mode));
  return {
    value: [...given.filter((mode) => !gone.has(mode)), ...missing.map(([mode]) => mode)].join(","),
    warnings: [
      ...missing.map(([mode, why]) => `session sets an sql_mode without ${mode}; it was added: ${why}`),
      ...wrong.map(([mode, why]) => `session sets sql_mode ${mode}; it was taken out: ${why}`),
    ],
  };
}
