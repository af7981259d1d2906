import { expect, test } from "vitest";
import type { CheckStep } from "../../shared/connectors/contract.js";
import type { JsonObject } from "../../shared/model/json.js";
import type { Bench } from "./suite.js";

/** The data source: its schema, its secrets and its connectivity test. */
export function sourceCases<S, R, W>({ connector, scratch, check }: Bench<S, R, W>): void {
  const steps = (properties: JsonObject): Promise<readonly CheckStep[]> => {
    const source = connector.source.schema.parse(properties);
    return connector.check?.(source, new AbortController().signal) ?? Promise.resolve([]);
  };
  const secrets = () =>
    connector.source.secrets.flatMap((name) => {
      const values = [scratch().source[name], scratch().wrongPassword?.[name]];
      return values.filter((value): value is string => typeof value === "string" && value !== "");
    });

  test("the working data source is accepted by its schema", () => {
    expect(connector.source.schema.safeParse(scratch().source).success).toBe(true);
  });

  if (!connector.check) return;

  check("check", "a working data source passes every step of the connectivity test", async () => {
    const found = await steps(scratch().source);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((step) => !step.ok)).toEqual([]);
    expect(found.every((step) => step.durationMs >= 0)).toBe(true);
  });

  check(
    "check",
    "a wrong password and a closed port fail at different steps, and no message holds a secret",
    async () => {
      const { wrongPassword, closedPort } = scratch();
      const failed = [];
      const ways = [wrongPassword, closedPort].filter((one) => one !== undefined);
      expect(ways).not.toEqual([]);
      for (const properties of ways) {
        const found = await steps(properties);
        failed.push(found.find((step) => !step.ok)?.name);
        for (const secret of secrets()) expect(JSON.stringify(found)).not.toContain(secret);
      }
      expect(failed).not.toContain(undefined);
      expect(new Set(failed).size).toBe(failed.length);
    },
  );
}
