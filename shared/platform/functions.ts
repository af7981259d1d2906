/**
 * The functions of Sluice; the folder `functions/` has one of each. Every resource group but the default one has a function
 * of its own that runs `shard`.
 *
 * `seconds`: within which a time limit makes sense. `startBytes`: what one may load before its first request; connectors
 * and rarely used SDKs come later, at first use.
 */
export const functionTable = {
  // A client waits: the gateway and most proxies give up soon after a minute or few.
  api: { seconds: [30, 600], startBytes: 1_300_000 },
  dispatcher: { seconds: [120, 3600], startBytes: 1_250_000 },
  planner: { seconds: [120, 3600], startBytes: 1_250_000 },
  // Less, and a run consists of hand-overs.
  shard: { seconds: [600, 86_400], startBytes: 1_500_000 },
  reducer: { seconds: [300, 86_400], startBytes: 1_250_000 },
} as const satisfies Readonly<Record<string, FunctionFacts>>;

interface FunctionFacts {
  readonly seconds: readonly [least: number, most: number];
  readonly startBytes: number;
}

/** One of them. */
export type Program = keyof typeof functionTable;

/** All of them. */
export const programs = Object.keys(functionTable) as readonly Program[];

/** A function as others call it: its program, or that of a resource group. */
export type FunctionName = Program | `shard-${string}`;

/** What a function is called in an account. */
export function deployedName(stage: string, name: string): string {
  return `sluice-${stage}-${name}`;
}
