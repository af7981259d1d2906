import type { Column } from "../../model/batch.js";
import type { PostgresqlTarget } from "./target-column.js";

/**
 * True when a column takes every value of a reader's column as it is, so that no cell needs a look: it is of the very type, or of one that
 * holds all of it. `source` is a column of a PostgreSQL server, whose type `nativeType` tells as that server declares it.
 */
export function holdsAll(target: PostgresqlTarget, source: Column | undefined): boolean {
  const from = source?.nativeType ?? "";
  const to = target.declared;
  // Told as its numbers are; money's own text depends on the database.
  if (from === "" || from === "money" || target.defaultForNull) return false;
  return from === to || (wider[from]?.includes(to) ?? false) || holdsText(from, to) || holdsNumber(from, to);
}

const wider: Readonly<Record<string, readonly string[]>> = {
  smallint: ["integer", "bigint"],
  integer: ["bigint"],
};

const varchar = /^character varying(?:\((\d+)\))?$/;

function holdsText(from: string, to: string): boolean {
  const given = varchar.exec(from);
  if (!given) return false;
  if (to === "text" || to === "character varying") return true;
  const [, most] = varchar.exec(to) ?? [];
  return most !== undefined && given[1] !== undefined && Number(most) >= Number(given[1]);
}

const numeric = /^numeric\((\d+),(\d+)\)$/;

/** A numeric without a declaration holds any other. */
function holdsNumber(from: string, to: string): boolean {
  const given = numeric.exec(from);
  if (!given) return false;
  if (to === "numeric") return true;
  const held = numeric.exec(to);
  if (!held) return false;
  const [precision = 0, scale = 0] = given.slice(1).map(Number);
  const [widest = 0, finest = 0] = held.slice(1).map(Number);
  return finest >= scale && widest - finest >= precision - scale;
}
