import { describe, expect, it } from "vitest";
import { MAX_ROWS, readRows } from "../../../../../shared/sources/import/read-rows.js";

describe("reading the rows of an import", () => {
  it("counts lines through quoted line breaks, blank lines and every line ending", () => {
    for (const end of ["\n", "\r\n"]) {
      const text = ["type,name,description", 'mysql,a,"x', 'y"', "", "mysql,b,", "mysql,c,z"].join(end);
      expect(readRows("csv", text).map(({ line, fields }) => [line, fields.name])).toEqual([
        [2, "a"],
        [5, "b"],
        [6, "c"],
      ]);
    }
  });

  it("knows columns by the headings of known templates, in any case", () => {
    const header = "Data Source Type,DATA_SOURCE_NAME,Environment type,JDBC URL,User name,Password,accessId";
    const [row] = readRows("csv", `\uFEFF${header}\nmysql,a,1,u,me,pw,x`);
    expect(row?.fields).toEqual({
      ...{ type: "mysql", name: "a", environment: "1", url: "u", user: "me", password: "pw", accessId: "x" },
    });
  });

  it("knows them with an explanation behind, and takes no word of the language for one", () => {
    const header = "type,name,Environment type (0 for development, 1 for production),constructor,__proto__";
    const quoted = header.replace(/Env[^)]*\)/, '"$&"');
    const [row] = readRows("csv", `${quoted}\nmysql,a,1,x,y`);
    expect(Object.entries(row?.fields ?? {})).toEqual([
      ["type", "mysql"],
      ["name", "a"],
      ["environment", "1"],
      ["constructor", "x"],
      ["__proto__", "y"],
    ]);
  });

  it("takes the apostrophe off that an export put before a formula", () => {
    const [row] = readRows("csv", "type,name,description\nmysql,a,'=1+1\n");
    expect(row?.fields.description).toBe("=1+1");
  });

  it("keeps a broken row as one, without what stands in it", () => {
    const rows = readRows("csv", 'type,name,password\nmysql,a,"hush\n');
    expect(rows[0]?.problem).toContain("quote");
    expect(JSON.stringify(rows)).not.toContain("hush");
    expect(JSON.stringify(readRows("jsonl", '{"password":"hush"'))).not.toContain("hush");
  });

  it("keeps a JSON line that names a column twice, or is nested too deep, as one; its neighbours are read", () => {
    const deep = `{"name":"d","tags":${"[".repeat(5000)}${"]".repeat(5000)}}`;
    const lines = ['{"name":"a"}', '{"name":"b","name":"c"}', '{"user":"x","username":"y"}', deep, '{"name":"e"}'];
    const rows = readRows("jsonl", lines.join("\n"));
    expect(rows.map(({ fields, problem }) => problem ?? fields.name)).toEqual([
      "a",
      "a key is there twice in one object",
      'column "user" is there twice',
      "nested more than 100 levels deep",
      "e",
    ]);
  });

  it("refuses a file without rows, without needed columns, or with too many rows", () => {
    expect(() => readRows("csv", "type,name\n")).toThrow("no rows");
    expect(() => readRows("csv", "name\na\n")).toThrow('no column "type"');
    expect(() => readRows("csv", "type,name,Name\na,b,c\n")).toThrow("twice");
    expect(() => readRows("jsonl", "{}\n".repeat(MAX_ROWS + 1))).toThrow("at most");
  });
});
