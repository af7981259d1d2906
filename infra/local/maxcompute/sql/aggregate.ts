import type { WireType } from "../../../../shared/connectors/odps/wire/column-type.js";
import type { WireValue } from "../../../../shared/connectors/odps/wire/values.js";
import { notHere } from "../errors.js";
import { type EvaluatedRow, scalars, type TypedColumns, typed } from "./evaluate.js";
import type { Expression } from "./expression.js";
import { compareScalars, familyOf, type Scalar, scalarDecimalText, scalarOf } from "./scalar.js";

/** What is gathered over the rows of a group. */
export interface Gathering {
  readonly type: WireType;
  start(): { add(row: EvaluatedRow): void; result(): WireValue };
}

type AggregateCall = Expression & { kind: "aggregate" };

/** Makes an aggregate ready. @throws SqlFailure */
export function gathering(call: AggregateCall, layout: TypedColumns): Gathering {
  if (call.name === "count") return counting(call, layout);
  if (call.of === null) throw notHere(`${call.name}(*)`);
  if (call.name === "sum") return summing(call.of, layout);
  if (call.name === "avg") return averaging(call.of, layout);
  return extreme(call.of, layout, call.name === "min" ? -1 : 1);
}

function counting({ of, isDistinct }: AggregateCall, layout: TypedColumns): Gathering {
  const operand = of && typed(of, layout);
  const scalar = operand && isDistinct ? scalars(operand) : null;
  return {
    type: { kind: "bigint" },
    start() {
      let count = 0n;
      const seen = new Set<Scalar>();
      return {
        add(row) {
          const value = scalar ? scalar(row) : null;
          if (value !== null) seen.add(value);
          else if (!scalar && (!operand || operand.value(row) !== null)) count++;
        },
        result: () => (scalar ? BigInt(seen.size) : count),
      };
    },
  };
}

function summing(of: Expression, layout: TypedColumns): Gathering {
  const operand = typed(of, layout);
  const family = familyOf(operand.type);
  if (family === "number") return numbers(of, layout, (sum) => sum);
  if (family !== "integer" && family !== "decimal") throw notHere(`sum of ${operand.type.kind}`);
  const scalar = scalars(operand);
  const type: WireType = family === "integer" ? { kind: "bigint" } : { kind: "decimal", precision: 38, scale: 18 };
  return {
    type,
    start() {
      let sum: bigint | null = null;
      return {
        add(row) {
          const value = scalar(row);
          if (typeof value === "bigint") sum = (sum ?? 0n) + value;
        },
        result: () => (sum === null || family === "integer" ? sum : scalarDecimalText(sum)),
      };
    },
  };
}

function averaging(of: Expression, layout: TypedColumns): Gathering {
  const { type } = typed(of, layout);
  const family = familyOf(type);
  if (family !== "number" && family !== "integer") throw notHere(`avg of ${type.kind}`);
  return numbers(of, layout, (sum, count) => sum / count);
}

function numbers(of: Expression, layout: TypedColumns, finish: (sum: number, count: number) => number): Gathering {
  const operand = typed(of, layout);
  return {
    type: { kind: "double" },
    start() {
      let [sum, count] = [0, 0];
      return {
        add(row) {
          const value = operand.value(row);
          if (value === null) return;
          sum += Number(value);
          count++;
        },
        result: () => (count === 0 ? null : finish(sum, count)),
      };
    },
  };
}

function extreme(of: Expression, layout: TypedColumns, sign: number): Gathering {
  const operand = typed(of, layout);
  familyOf(operand.type);
  return {
    type: operand.type,
    start() {
      let best: WireValue = null;
      let rank: Scalar | null = null;
      return {
        add(row) {
          const value = operand.value(row);
          if (value === null) return;
          const scalar = scalarOf(value, operand.type);
          if (rank !== null && compareScalars(scalar, rank) * sign <= 0) return;
          [best, rank] = [value, scalar];
        },
        result: () => best,
      };
    },
  };
}
