import { expect } from "vitest";
import type { JsonObject } from "../../shared/model/json.js";
import { checkProperties } from "../../shared/sources/check-properties.js";
import { failuresOf, tellsOf, waysToFail } from "./failures.js";
import type { Bench } from "./suite.js";

/** Every way to fail that the fixture offers, and what is told then. */
export function secretCases<S, R, W>(bench: Bench<S, R, W>): void {
  const { connector, scratch, check } = bench;
  const names = connector.source.secrets;

  check("secrets", "a data source that is refused is told without its secrets", async () => {
    expect(names.length).toBeGreaterThan(0);
    const refused: JsonObject[] = names.flatMap((name) => [
      { [name]: [mark(name)] },
      { [name]: { value: mark(name) } },
      { [`${name}zzzz`]: mark(name) },
      { jdbcUrl: `jdbc:none://user:${mark(name)}@localhost/db?password=${mark(name)}` },
    ]);
    for (const properties of refused) {
      const call = async () => checkProperties(connector, { ...scratch().source, ...properties }, "properties");
      const text = await tellsOf(call);
      expect(text).toContain("CONFIG_INVALID");
      expect(names.filter((name) => holds(text ?? "", mark(name)))).toEqual([]);
    }
  });

  check("secrets", "no failure holds a secret: not its message, stack or causes, nor its report", async () => {
    const ways = { ...waysToFail(scratch()), ...markedWays() };
    const secrets = [...new Set([scratch().source, ...Object.values(ways)].flatMap(secretsOf))];
    expect(secrets.length).toBeGreaterThan(0);
    const found = await Promise.all(
      Object.entries(ways).map(async ([way, properties]) => ({ way, failures: await failuresOf(bench, properties) })),
    );
    expect(found.filter(({ failures }) => failures.length === 0).map(({ way }) => way)).toEqual([]);
    const leaks = found.flatMap(({ way, failures }) =>
      failures.flatMap(({ call, text }) => secrets.filter((one) => holds(text, one)).map((one) => [way, call, one])),
    );
    expect(leaks).toEqual([]);
  });

  /** Wrong secrets that are easy to find, for a login that is refused and for certificates that are none. */
  function markedWays(): Record<string, JsonObject> {
    const marked = { ...scratch().source, ...Object.fromEntries(names.map((name) => [name, mark(name)])) };
    const tls = { ...marked, securityProtocol: "authTypeSsl", sslCa: "none", sslCert: "none" };
    const ways = { "every secret wrong": marked, "no certificate": tls };
    return Object.fromEntries(
      Object.entries(ways).filter(([, properties]) => connector.source.schema.safeParse(properties).success),
    );
  }

  function secretsOf(properties: JsonObject): string[] {
    const values = names.map((name) => properties[name]);
    // Shorter ones would be found in any text.
    return values.filter((value): value is string => typeof value === "string" && value.length >= 6);
  }
}

function mark(name: string): string {
  return `no-secret-but/${name}+4711`;
}

/** Whether a text has a secret in it, as it is or in one of the forms in which it travels. */
function holds(text: string, secret: string): boolean {
  const forms = [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
    JSON.stringify(secret).slice(1, -1),
  ];
  return forms.some((form) => text.includes(form));
}
