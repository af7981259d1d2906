import { expect, test } from "vitest";
import { describeConnector, summarizeConnector } from "../../../../shared/connectors/describe.js";
import { connectorNames, loadConnector, movingTypes, noSide } from "../../../../shared/connectors/registry.js";

test("a field tells its kind, its choices and its default through whatever wraps it", async () => {
  const { source } = describeConnector(await loadConnector("postgresql"));
  const byName = Object.fromEntries(source.fields.map((field) => [field.name, field]));
  expect(byName.username).toEqual({
    name: "username",
    label: "User name",
    help: "Account to log in with.",
    type: "text",
    required: true,
    secret: false,
    hidden: false,
  });
  expect(byName.password).toMatchObject({ type: "text", required: false, secret: true });
  expect(byName.port).toMatchObject({ type: "number", required: false });
  expect(byName.address).toMatchObject({ type: "objects", unless: ["host", "jdbcUrl"] });
  expect(byName.address?.fields?.map(({ name, required }) => [name, required])).toEqual([
    ["host", true],
    ["port", false],
  ]);
  expect(byName.properties?.type).toBe("options");
  expect(byName.sslVerify).toMatchObject({ type: "boolean", default: true });
  expect(byName.securityProtocol).toMatchObject({ type: "choice", choices: ["authTypeNone", "authTypeSsl"] });
  expect(byName.instanceId?.hidden).toBe(true);
});

test("a connector with readers and writers is described on all sides", async () => {
  const { reader, writer, ...rest } = describeConnector(await loadConnector("mysql"));
  expect(rest).toMatchObject({ type: "mysql", readable: true, writable: true, testable: true, browsable: true });
  expect(reader?.fields.find(({ name }) => name === "splitFactor")).toMatchObject({ type: "number", default: 5 });
  expect(writer?.fields.find(({ name }) => name === "column")).toMatchObject({ type: "texts", required: true });
  expect(writer?.template).toMatchObject({ writeMode: "insert" });
});

test("what jobs may name is what has a reader and a writer", async () => {
  for (const name of connectorNames()) {
    const { readable, writable } = summarizeConnector(await loadConnector(name));
    expect([name, readable && writable]).toEqual([name, movingTypes().includes(name)]);
  }
});

test("a type without reader or writer is offered as such, and says so to whoever wants one", async () => {
  const connector = await loadConnector("ads");
  expect(describeConnector(connector)).toMatchObject({ type: "ads", reader: null, writer: null, testable: true });
  expect(noSide(connector, "reader")).toMatch(
    /^there is no reader for .* yet: data sources of type ads can only be registered and tested; there are .*mysql, oceanbasev10, .*oss, ots/,
  );
});
