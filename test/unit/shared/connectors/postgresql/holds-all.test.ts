import { expect, it } from "vitest";
import { holdsAll } from "../../../../../shared/connectors/postgresql/holds-all.js";
import type { PostgresqlTarget } from "../../../../../shared/connectors/postgresql/target-column.js";

const holds = (to: string, from: string | undefined, defaultForNull = false) =>
  // Only what it looks at.
  holdsAll({ declared: to, defaultForNull } as PostgresqlTarget, {
    name: "c",
    type: "string",
    ...(from === undefined ? {} : { nativeType: from }),
  });

it("A column holds all of its own type, and of narrower ones", () => {
  for (const type of ["bigint", "numeric(14,2)", "timestamp(3) without time zone", "text[]", "jsonb", "mood", "bit(4)"])
    expect(holds(type, type), type).toBe(true);
  for (const [from, to] of [
    ["smallint", "bigint"],
    ["integer", "bigint"],
    ["character varying(20)", "character varying(20)"],
    ["character varying(20)", "character varying(21)"],
    ["character varying(20)", "text"],
    ["character varying", "text"],
    ["numeric(10,2)", "numeric"],
    ["numeric(10,2)", "numeric(12,3)"],
  ] as const)
    expect(holds(to, from), `${from} → ${to}`).toBe(true);
});

it("What might be refused, rounded, cut or filled in is looked at", () => {
  for (const [from, to] of [
    ["bigint", "integer"],
    ["integer", "text"],
    ["character varying(21)", "character varying(20)"],
    ["character varying", "character varying(20)"],
    ["text", "character varying(20)"],
    ["character(3)", "text"],
    ["numeric", "numeric(10,2)"],
    ["numeric(10,3)", "numeric(12,2)"],
    ["numeric(10,2)", "numeric(10,3)"],
    ["timestamp without time zone", "timestamp(3) without time zone"],
    ["timestamp without time zone", "timestamp with time zone"],
    ["timestamp with time zone", "date"],
    ["boolean", "integer"],
    ["money", "money"],
    [undefined, "text"],
    ["", ""],
  ] as const)
    expect(holds(to, from), `${from} → ${to}`).toBe(false);
  expect(holds("bigint", "bigint", true)).toBe(false);
});
