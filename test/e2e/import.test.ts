import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { newWorkspace, someMysql } from "./source-workspaces.js";

let sluice: TestSluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

const url = "jdbc:mysql://db.example.com:3306/shop";

describe("an import of data sources", () => {
  it("judges each row in a dry run as the import then treats it", async () => {
    const { call } = await newWorkspace(sluice, "standard");
    const content = [
      "Data source type,Data source name,Description,Environment type,URL,User name,Password",
      `mysql,shop,"the shop,\nin two lines",0,${url}?useSSL=true,sync,pw-one`,
      `mysql,shop,the shop,1,${url},sync,pw-two`,
      `mysql,shop,again,1,${url},sync,pw-three`,
      `mongo9,other,,1,${url},sync,pw-four`,
      "mysql,bad,,1,jdbc:mysql//nowhere,sync,pw-five",
      `mysql,9lives,,1,${url},sync,pw-six`,
      `mysql,where,,2,${url},sync,pw-seven`,
      `mysql,late,,1,${url},sync,pw-eight,more`,
      "",
      `mysql,last,,1,${url},sync,pw-nine`,
    ].join("\r\n");
    const send = (dryRun: boolean) => call("POST", "/v1/data-source-imports", { format: "csv", content, dryRun });
    const dry = await send(true);
    expect(dry.status, dry.text).toBe(200);
    const verdicts = dry.body.rows.map((row: { line: number; ok: boolean; error: { path?: string } | null }) => [
      row.line,
      row.ok,
      row.error?.path ?? null,
    ]);
    expect(verdicts).toEqual([
      [2, true, null],
      [4, true, null],
      [5, false, "name"],
      [6, false, null],
      [7, false, expect.stringContaining("jdbcUrl")],
      [8, false, "name"],
      [9, false, "environment"],
      [10, false, null],
      [12, true, null],
    ]);
    expect((await call("GET", "/v1/data-sources")).body.items).toEqual([]);
    const done = await send(false);
    expect(done.body).toMatchObject({ dryRun: false, imported: 3, refused: 6 });
    expect(done.body.rows).toEqual(dry.body.rows);
    expect(dry.text + done.text).not.toMatch(/pw-/);
    const { body } = await call("GET", "/v1/data-sources/shop");
    expect(body).toMatchObject({
      complete: true,
      definitions: {
        development: { properties: { username: "sync", password: "******" } },
        production: { description: "the shop" },
      },
    });
    const again = await send(false);
    expect(again.body).toMatchObject({ imported: 0, refused: 9 });
  });

  it("takes JSON lines with the type's own properties, and never quotes a broken line", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    const content = [
      JSON.stringify({ type: "mysql", name: "shop", tags: ["a"], properties: someMysql }),
      JSON.stringify({
        type: "ots",
        name: "tables",
        url: "https://x.example.com",
        instanceName: "i",
        user: "id",
        password: "key-one",
      }),
      '{"type":"mysql","name":"broken","password":"pw-one"',
      JSON.stringify({ type: "mysql", name: "odd", properties: someMysql, colour: "red" }),
    ].join("\n");
    const { body, text } = await call("POST", "/v1/data-source-imports", { format: "jsonl", content });
    expect(body.rows.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, true, false, false]);
    expect(body.rows[3].error.path).toBe("colour");
    expect(text).not.toMatch(/pw-one|key-one|s3cret/);
    const tables = await call("GET", "/v1/data-sources/tables");
    expect(tables.body.properties).toMatchObject({
      endpoint: "https://x.example.com",
      accessId: "id",
      accessKey: "******",
    });
  });

  it("takes no word of the language for an environment, and a password of digits in JSON for one", async () => {
    const { call } = await newWorkspace(sluice, "standard");
    const rows = ["constructor", "__proto__", "toString", 2, {}].map((environment, i) => ({
      ...{ type: "stream", name: `s${i}`, environment },
    }));
    const odd = { type: "mysql", name: "odd", environment: 1, url, user: "sync", password: ["pw"] };
    const content = [...rows, odd, { ...odd, name: "digits", password: 12345 }].map((row) => JSON.stringify(row));
    const { body, text } = await call("POST", "/v1/data-source-imports", {
      ...{ format: "jsonl", content: content.join("\n") },
    });
    const paths = body.rows.map(({ error }: { error: { path: string } | null }) => error?.path ?? null);
    expect(paths, text).toEqual([...rows.map(() => "environment"), "password", null]);
    const { body: digits } = await call("GET", "/v1/data-sources/digits");
    expect(digits.properties.password).toBe("******");
  });

  it("takes the URLs of the databases that such templates are known for", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    const content = [
      "type,name,description,environment,url,user,password",
      "mysql,a,,1,jdbc:mysql://db:3306/shop,sync,pw-1",
      "sqlserver,b,,1,jdbc:sqlserver://db:1433;databaseName=shop,sync,pw-2",
      "oracle,c,,1,jdbc:oracle:thin:@//db:1521/shop,sync,pw-3",
      "postgresql,d,,1,jdbc:postgresql://db:5432/shop,sync,pw-4",
      "sqlserver,e,,1,jdbc:sqlserver://db:1433;databaseName=shop;password=pw-5,sync,",
    ].join("\n");
    const { body, text } = await call("POST", "/v1/data-source-imports", { content });
    expect(
      body.rows.map(({ ok }: { ok: boolean }) => ok),
      text,
    ).toEqual([true, true, true, true, false]);
    expect(text).not.toContain("pw-");
  });

  it("reads back what was exported, without secrets", async () => {
    const from = await newWorkspace(sluice, "standard");
    const to = await newWorkspace(sluice, "standard");
    const definitions = {
      development: { properties: someMysql, description: "=danger()", tags: ["a", "b"] },
      production: { properties: { ...someMysql, host: "prod", properties: { connectTimeout: "3000" } } },
    };
    await from.call("POST", "/v1/data-sources", { name: "shop", type: "mysql", definitions });
    for (const format of ["csv", "jsonl"]) {
      const exported = await from.call("GET", `/v1/data-source-exports?format=${format}`);
      expect(exported.status).toBe(200);
      expect(exported.text).not.toContain("s3cret");
      const content = exported.text.replaceAll("shop", `shop_${format}`);
      const { body, text } = await to.call("POST", "/v1/data-source-imports", { format, content });
      expect(body.imported, text).toBe(2);
      const copy = (await to.call("GET", `/v1/data-sources/shop_${format}`)).body;
      expect(copy.definitions).toMatchObject({
        development: { description: "=danger()", tags: ["a", "b"] },
        production: { properties: { host: "prod", properties: { connectTimeout: "3000" } } },
      });
    }
  });

  it("has a template for every type, and says what is wrong with a file as a whole", async () => {
    const { call } = await newWorkspace(sluice, "basic");
    const { body } = await call("GET", "/v1/connectors");
    for (const { type } of body.items) {
      const { status, text } = await call("GET", `/v1/data-source-imports/template/${type}`);
      expect(status).toBe(200);
      expect(text.split("\n")[0]).toMatch(/^type,name,description,environment/);
    }
    for (const type of ["mysql", "postgresql", "sqlserver", "oracle"])
      expect((await call("GET", `/v1/data-source-imports/template/${type}`)).text.split("\n")[0]).toBe(
        "type,name,description,environment,url,user,password",
      );
    for (const content of ["", "type,name\n", "a,b\n1,2\n", "type,name,name\nx,y,z\n"])
      expect((await call("POST", "/v1/data-source-imports", { content })).status).toBe(400);
  });
});
