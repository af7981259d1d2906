import { expect, test } from "vitest";
import { connectorNames, loadConnector, movingTypes, noSide } from "../../../../shared/connectors/registry.js";
import { describeSource } from "../../../../shared/sources/describe.js";

test("every type is described from its schema, and every secret is one of its fields", async () => {
  for (const name of connectorNames()) {
    const connector = await loadConnector(name);
    const described = describeSource(connector);
    const names = described.fields.map((field) => field.name);
    expect(names).toEqual(expect.arrayContaining([...connector.source.secrets]));
    expect(described.fields.every(({ label }) => /^[A-Z]/.test(label))).toBe(true);
  }
});

test("a field tells its kind, its choices and its default through whatever wraps it", async () => {
  const { fields } = describeSource(await loadConnector("postgresql"));
  const byName = Object.fromEntries(fields.map((field) => [field.name, field]));
  expect(byName.username).toEqual({
    name: "username",
    label: "User name",
    type: "text",
    required: true,
    secret: false,
    hidden: false,
  });
  expect(byName.password).toMatchObject({ type: "text", required: false, secret: true });
  expect(byName.port).toMatchObject({ type: "number", required: false });
  expect(byName.address?.type).toBe("addresses");
  expect(byName.properties?.type).toBe("options");
  expect(byName.sslVerify).toMatchObject({ type: "boolean", default: true });
  expect(byName.securityProtocol).toMatchObject({
    type: "choice",
    choices: ["authTypeNone", "authTypeSsl"],
  });
  expect(byName.instanceId?.hidden).toBe(true);
});

test("what jobs may name is what has a reader and a writer", async () => {
  for (const name of connectorNames()) {
    const { reader, writer } = await loadConnector(name);
    expect([name, reader !== undefined, writer !== undefined]).toEqual([
      name,
      ...Array(2).fill(movingTypes().includes(name)),
    ]);
  }
});

test("a type without reader or writer is offered as such, and says so to whoever wants one", async () => {
  const connector = await loadConnector("holo");
  expect(describeSource(connector)).toMatchObject({
    type: "postgresql",
    readable: false,
    writable: false,
    testable: true,
  });
  expect(noSide(connector, "reader")).toMatch(
    /^there is no reader for PostgreSQL .* yet: data sources of type postgresql can only be registered and tested; there are .*mysql, oceanbasev10, oss, ots/,
  );
});
