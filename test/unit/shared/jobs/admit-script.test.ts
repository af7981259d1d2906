import { describe, expect, it } from "vitest";
import { admitScript } from "../../../../shared/jobs/admit-script.js";
import { parseJob } from "../../../../shared/script/read/parse-job.js";
import type { SecretBox } from "../../../../shared/secrets/seal.js";

const box: SecretBox = {
  seal: async (secrets, boundTo) => ({ keyId: "test", iv: "", tag: "", data: JSON.stringify([secrets, boundTo]) }),
  open: async () => ({}),
};

const connection = (url: unknown) => [{ jdbcUrl: url, table: ["plants"] }];
const side = (url: unknown, more: object = {}) => ({
  username: "gardener",
  password: "rake-and-hoe",
  column: ["id", "species"],
  connection: connection(url),
  ...more,
});
const URL = "jdbc:mysql://10.0.0.7:3306/garden";
const reader = side([URL], { where: "id > ${" + "from}" });
const writer = { writeMode: "insert", ...side(URL), preSql: ["select 1"] };

const dialects = {
  datax: {
    job: {
      setting: { speed: { channel: 1 }, errorLimit: { record: 0 } },
      content: [
        { reader: { name: "mysqlreader", parameter: reader }, writer: { name: "mysqlwriter", parameter: writer } },
      ],
    },
  },
  "DataWorks 1.0": {
    type: "job",
    version: "1.0",
    configuration: {
      reader: { plugin: "mysql", parameter: reader },
      writer: { plugin: "mysql", parameter: writer },
      setting: { speed: { concurrent: 1 }, errorLimit: { record: 0 } },
    },
  },
  "DataWorks 2.0": {
    type: "job",
    steps: [
      { stepType: "mysql", category: "reader", name: "in", parameter: reader },
      { stepType: "mysql", category: "writer", name: "out", parameter: writer },
    ],
    setting: { speed: { concurrent: 1 }, errorLimit: { record: 0 } },
  },
};

const layouts: Readonly<Record<string, (text: string) => string>> = {
  "on one line": (text) => JSON.stringify(JSON.parse(text)),
  "over many lines": (text) => text,
  "with CRLF": (text) => text.replaceAll("\n", "\r\n"),
  "with a byte order mark": (text) => `\ufeff${text}`,
  "with tabs": (text) => text.replace(/^ +/gm, (blanks) => "\t".repeat(blanks.length / 2)),
  "with comments and trailing commas": (text) =>
    text
      .replaceAll("\n", ` // old: "password": "shears-and-twine"\n`)
      .replaceAll(/(?<=["\]}])(?=\s*\/\/[^\n]*\n\s*[\]}])/g, ","),
  "in single quotes": (text) => text.replaceAll(/"(\w+)":/g, "'$1':"),
};

const cases = Object.entries(dialects).flatMap(([dialect, script]) =>
  Object.entries(layouts).map(([layout, lay]) => [dialect, layout, lay(JSON.stringify(script, null, 2))] as const),
);

describe("a script that carries its connections", () => {
  it.each(cases)("of %s %s is stored as it was written, without them", async (_dialect, _layout, text) => {
    const { script, inlineSources, parsed } = await admitScript(text, "w/j", box);
    for (const hidden of ["rake-and-hoe", "shears-and-twine", "10.0.0.7", "gardener"])
      expect(script).not.toContain(hidden);
    const names = {
      reader: inlineSources.reader.map(({ name }) => name),
      writer: inlineSources.writer.map(({ name }) => name),
    };
    expect(names).toEqual({ reader: ["inline_1"], writer: ["inline_2"] });
    const stored = parseJob(script, { mode: "preview", origins: inlineSources.origins });
    const { username, password, connection: _with, ...kept } = { ...reader };
    const table = ["plants"];
    expect(stored.job).toEqual({
      ...parsed.job,
      reader: { ...parsed.job.reader, parameter: { ...kept, connection: [{ datasource: "inline_1", table }] } },
      writer: {
        ...parsed.job.writer,
        parameter: {
          writeMode: "insert",
          column: kept.column,
          preSql: ["select 1"],
          connection: [{ datasource: "inline_2", table }],
        },
      },
    });
    // Every field that is left stands where the user wrote it.
    for (const { path, parameter } of [stored.job.reader, stored.job.writer])
      for (const field of [...Object.keys(parameter), "column[1]", "connection[0].table", "connection[0].table[0]"])
        for (const part of ["key", "value"] as const) {
          const where = `${path}.${field}`;
          expect([where, stored.locate(where, part)]).toEqual([where, parsed.locate(where, part)]);
        }
    // What was put in stands where the connection's address did.
    const place = parsed.locate(`${parsed.job.writer.path}.connection[0].jdbcUrl`, "key");
    expect(stored.locate(`${stored.job.writer.path}.connection[0].datasource`)).toEqual(place);
  });

  it("loses every copy of a key that stands twice", async () => {
    const text = JSON.stringify(dialects.datax).replaceAll('"password":', '"password": "spade-in-soil", "password":');
    expect((await admitScript(text, "w/j", box)).script).not.toMatch(/spade-in-soil|password/);
  });

  it("carries what is odd about its connections to plan and run", async () => {
    const odd = JSON.stringify(dialects.datax).replace(`["${URL}"]`, `["${URL}", "jdbc:oracle:thin"]`);
    const { inlineSources, warnings } = await admitScript(odd, "w/j", box);
    expect(inlineSources.warnings).toEqual([
      expect.objectContaining({ path: "job.content[0].reader.parameter.connection[0].jdbcUrl[1]", line: 1 }),
    ]);
    expect(warnings).toEqual(expect.arrayContaining([...(inlineSources.warnings ?? [])]));
  });

  it("is stored to the letter when it carries none", async () => {
    const text =
      '{ "job": { "setting": { "speed": { "channel": 1 } }, // one\n"content": [{ "reader": { "name": "streamreader", "parameter": {} }, "writer": { "name": "streamwriter", "parameter": {} } }] } }';
    expect(await admitScript(text, "w/j", box)).toMatchObject({
      script: text,
      inlineSources: { reader: [], writer: [] },
    });
  });

  it("may be Addax's, with one connection in place of a list", async () => {
    const addax = (given: object) => ({ ...given, connection: { jdbcUrl: URL, table: ["plants"] } });
    const content = {
      reader: { name: "mysqlreader", parameter: addax(reader) },
      writer: { name: "mysqlwriter", parameter: addax({ ...reader, where: "" }) },
    };
    const text = JSON.stringify({ job: { ...dialects.datax.job, content } }, null, 2);
    const { script, inlineSources } = await admitScript(text, "w/j", box);
    expect(JSON.parse(script).job.content.reader.parameter.connection).toEqual({
      datasource: "inline_1",
      table: ["plants"],
    });
    expect(inlineSources.writer.map(({ name }) => name)).toEqual(["inline_2"]);
    const broken = admitScript(text.replace(URL, "10.0.0.7"), "w/j", box);
    await expect(broken).rejects.toMatchObject({ path: "job.content.reader.parameter.connection.jdbcUrl" });
  });
});
