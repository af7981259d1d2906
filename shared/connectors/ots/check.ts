import { lookup } from "node:dns/promises";
import type { CheckStep } from "../contract.js";
import { connectOts } from "./client.js";
import { isNetwork, OtsFailure, toSluiceError } from "./failure.js";
import type { OtsSource } from "./source.js";

/** Connectivity test: finds the host, reaches it, and lists tables with the credentials. */
export async function checkOts(source: OtsSource, signal: AbortSignal): Promise<readonly CheckStep[]> {
  const { hostname } = new URL(source.endpoint);
  const resolved = await timed("resolve", async () => {
    const { address } = await lookup(hostname.replace(/^\[|\]$/g, ""));
    return `${hostname} is ${address}`;
  });
  if (!resolved.ok) return [resolved];
  const startedAt = performance.now();
  const step = (name: CheckStep["name"], ok: boolean, message: string): CheckStep => {
    return { name, ok, durationMs: performance.now() - startedAt, message };
  };
  let client: ReturnType<typeof connectOts> | undefined;
  try {
    client = connectOts(source, signal);
    const { tableNames } = await client.listTable();
    const reached = step("connect", true, `${source.endpoint} answers`);
    return [resolved, reached, step("login", true, `instance ${source.instanceName} has ${tableNames.length} tables`)];
  } catch (error) {
    const message = messageOf(error, source);
    if (!(error instanceof OtsFailure)) return [resolved, step("login", false, message)];
    if (isNetwork(error.code)) return [resolved, step("connect", false, message)];
    return [resolved, step("connect", true, `${source.endpoint} answers`), step("login", false, message)];
  } finally {
    client?.close();
  }
}

async function timed(name: CheckStep["name"], run: () => Promise<string>): Promise<CheckStep> {
  const startedAt = performance.now();
  const done = (ok: boolean, message: string): CheckStep => {
    return { name, ok, durationMs: performance.now() - startedAt, message };
  };
  try {
    return done(true, await run());
  } catch (error) {
    return done(false, `${error instanceof Error ? error.message : String(error)}; check the endpoint's host name`);
  }
}

function messageOf(error: unknown, source: OtsSource): string {
  if (!(error instanceof OtsFailure)) return error instanceof Error ? error.message : String(error);
  const mapped = toSluiceError(error, `instance ${source.instanceName}`);
  return `${mapped.message}. ${mapped.hint}`;
}
