import type { Side } from "../connectors/contract.js";
import { declaredZone, type SideZone, sideZone } from "../model/side-zone.js";
import type { OpenStep } from "./open-step.js";
import { atSide } from "./placed-error.js";
import type { ResolvedJob } from "./resolve-job.js";

/** The zones of both sides of a run. */
export interface StepZones {
  readonly reader: SideZone;
  readonly writer: SideZone;
}

/** Zones, and what the connectors had to say when they were asked. */
export interface SettledZones {
  readonly zones: StepZones;
  readonly warnings: readonly string[];
}

/**
 * Settles the zone of each side: what the job says, else what its system says, else the workspace's.
 *
 * @param steps  opened with the zone that the job says
 */
export async function stepZones(
  resolved: ResolvedJob,
  steps: { readonly reader: OpenStep; readonly writer: OpenStep },
  signal: AbortSignal,
): Promise<SettledZones> {
  const { reader, writer } = steps;
  const readerSide = reader.side(signal);
  const writerSide = writer.side(signal);
  const { workspaceZone } = resolved;
  const ofReader = await atSide("reader", resolved, () => reader.connector.reader?.timeZone?.(readerSide));
  const ofWriter = await atSide("writer", resolved, () => writer.connector.writer?.timeZone?.(writerSide));
  const plain = ({ zone, from }: SideZone): SideZone => ({ zone, from });
  return {
    zones: {
      reader: plain(ofReader ?? declaredOr(workspaceZone, readerSide)),
      writer: plain(ofWriter ?? declaredOr(workspaceZone, writerSide)),
    },
    warnings: [...(ofReader?.notes ?? []), ...(ofWriter?.notes ?? [])],
  };
}

/** The zone that a job's setting names, as sides carry it. */
export function jobZone(timeZone: string | null): string | null {
  return timeZone === null ? null : sideZone(timeZone);
}

/** A step whose side knows its zone. */
export function inZone(step: OpenStep, { zone }: SideZone): OpenStep {
  return { ...step, side: (signal) => ({ ...step.side(signal), timeZone: zone }) };
}

function declaredOr(workspaceZone: string, { timeZone }: Side<unknown, unknown>): SideZone {
  const declared = declaredZone(timeZone, null);
  return declared ?? { zone: sideZone(workspaceZone) ?? "+00:00", from: `the workspace's default: ${workspaceZone}` };
}
