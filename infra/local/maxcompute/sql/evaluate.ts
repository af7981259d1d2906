import type { WireType } from "../../../../shared/connectors/odps/wire/column-type.js";
import type { WireValue } from "../../../../shared/connectors/odps/wire/values.js";
import { notHere, SqlFailure } from "../errors.js";
import type { Comparison, Expression } from "./expression.js";
import { compareScalars, familyOf, literalAs, type Scalar, scalarOf } from "./scalar.js";

/** A row of a table: its columns, then the keys of its partition. */
export type EvaluatedRow = readonly WireValue[];

/** Columns by place. */
export type TypedColumns = readonly { readonly name: string; readonly type: WireType }[];

/** An expression with a type. */
export interface Typed {
  readonly type: WireType;
  value(row: EvaluatedRow): WireValue;
}

/** Null = unknown. */
type Truth = boolean | null;

/** Makes a column or a literal ready to be asked for its value. @throws SqlFailure */
export function typed(expression: Expression, layout: TypedColumns): Typed {
  if (expression.kind === "literal") return literal(expression);
  if (expression.kind !== "column") throw notHere(`value of ${expression.kind}`);
  const at = layout.findIndex(({ name }) => name === expression.name);
  const column = layout[at];
  if (!column)
    throw new SqlFailure("0130071", `Semantic analysis exception - column ${expression.name} cannot be resolved`);
  return { type: column.type, value: (row) => row[at] ?? null };
}

function literal({ value, type }: Expression & { kind: "literal" }): Typed {
  const isWhole = type === "number" && /^-?\d+$/.test(String(value));
  if (isWhole) return { type: { kind: "bigint" }, value: () => BigInt(String(value)) };
  if (type === "number") return { type: { kind: "double" }, value: () => Number(value) };
  if (type === "boolean") return { type: { kind: "boolean" }, value: () => value };
  return { type: { kind: "string" }, value: () => (value === null ? null : Buffer.from(String(value))) };
}

/** Makes a condition ready to be asked; only what is true counts. @throws SqlFailure */
export function condition(expression: Expression, layout: TypedColumns): (row: EvaluatedRow) => boolean {
  const truth = truthOf(expression, layout);
  return (row) => truth(row) === true;
}

function truthOf(expression: Expression, layout: TypedColumns): (row: EvaluatedRow) => Truth {
  switch (expression.kind) {
    case "and":
    case "or": {
      const [left, right] = [truthOf(expression.left, layout), truthOf(expression.right, layout)];
      const decides = expression.kind === "or";
      return (row) => joined(left(row), right(row), { decides });
    }
    case "not": {
      const of = truthOf(expression.of, layout);
      return (row) => negated(of(row));
    }
    case "isNull": {
      const of = typed(expression.of, layout);
      return (row) => of.value(row) === null;
    }
    case "compare":
      return comparison(expression, layout);
    case "in": {
      const { of, list } = expression;
      const any = list.map((right) => comparison({ kind: "compare", how: "=", left: of, right }, layout));
      return (row) => any.map((one) => one(row)).reduce((a, b) => joined(a, b, { decides: true }), false as Truth);
    }
    case "like":
      return like(expression, layout);
    default: {
      const of = typed(expression, layout);
      if (of.type.kind !== "boolean")
        throw new SqlFailure("0130071", "Semantic analysis exception - a condition is no boolean");
      return (row) => of.value(row) as Truth;
    }
  }
}

/** `decides`: the value that settles the matter whatever the other one is. */
function joined(a: Truth, b: Truth, { decides }: { decides: boolean }): Truth {
  if (a === decides || b === decides) return decides;
  return a === null || b === null ? null : !decides;
}

function negated(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

const verdicts: Readonly<Record<Comparison, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

function comparison(expression: Expression & { kind: "compare" }, layout: TypedColumns): (row: EvaluatedRow) => Truth {
  const verdict = verdicts[expression.how];
  const [left, right] = comparable(expression.left, expression.right, layout);
  return (row) => {
    const [a, b] = [left(row), right(row)];
    return a === null || b === null ? null : verdict(compareScalars(a, b));
  };
}

type Operand = (row: EvaluatedRow) => Scalar | null;

/** A literal is read as what stands on the other side; two columns must be of one family. */
function comparable(left: Expression, right: Expression, layout: TypedColumns): [Operand, Operand] {
  const [a, b] = [typed(left, layout), typed(right, layout)];
  if (right.kind === "literal") return [scalars(a), () => asLiteral(right, a.type)];
  if (left.kind === "literal") return [() => asLiteral(left, b.type), scalars(b)];
  if (familyOf(a.type) !== familyOf(b.type)) throw notHere(`comparison of ${a.type.kind} with ${b.type.kind}`);
  return [scalars(a), scalars(b)];
}

function asLiteral({ value }: Expression & { kind: "literal" }, type: WireType): Scalar | null {
  return value === null ? null : literalAs(String(value), type);
}

/** Values as they are compared. @throws SqlFailure for a type that is not compared here */
export function scalars({ type, value }: Typed): Operand {
  familyOf(type);
  return (row) => {
    const found = value(row);
    return found === null ? null : scalarOf(found, type);
  };
}

function like({ of, pattern }: Expression & { kind: "like" }, layout: TypedColumns): (row: EvaluatedRow) => Truth {
  const operand = scalars(typed(of, layout));
  const signs: Readonly<Record<string, string>> = { "%": "[\\s\\S]*", _: "[\\s\\S]" };
  const expression = new RegExp(
    `^${pattern.replace(/[\\^$.*+?()[\]{}|%_]/g, (sign) => signs[sign] ?? `\\${sign}`)}$`,
    "u",
  );
  return (row) => {
    const text = operand(row);
    return text === null ? null : expression.test(String(text));
  };
}
