import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sluice as command } from "../../infra/cli/program.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { documentAt, shellLines, shellWords } from "../unit/docs/documents.js";
import { fakeTerminal } from "../unit/infra/cli/fake-terminal.js";
import { newWorkspace } from "./source-workspaces.js";

let sluice: TestSluice;
let server: ScratchDatabase;
beforeAll(async () => {
  [sluice, server] = await Promise.all([startSluice(), scratchDatabase()]);
});
afterAll(() => Promise.all([sluice.close(), server.drop()]));

/** Runs a command against the API of this test. */
async function run(...words: string[]) {
  const terminal = fakeTerminal();
  const code = await command([...words, "--endpoint", sluice.cloud.endpoints.api, "--token", sluice.token], terminal);
  return { code, ...terminal.written };
}

describe("the history of a job", () => {
  it("is what was stored, compared and restored over HTTP, with the connections that a script carried", async () => {
    const { call, ended } = await newWorkspace(sluice, "basic");
    const { username, password, host, port, database } = server.source;
    for (const table of ["orders", "goods"]) await server.query(`CREATE TABLE ${table} (id INT PRIMARY KEY)`);
    await server.query("INSERT INTO orders VALUES (1), (2)");
    const carried = (table: string) => ({
      job: {
        content: [
          {
            reader: {
              name: "mysqlreader",
              parameter: {
                ...{ username, password, column: ["id"] },
                connection: [{ table: [table], jdbcUrl: [`jdbc:mysql://${host}:${port}/${database}`] }],
              },
            },
            writer: { name: "streamwriter", parameter: {} },
          },
        ],
        setting: { speed: { channel: 1 } },
      },
    });
    const first = await call("PUT", "/v1/jobs/copy", { script: carried("orders"), note: "one" });
    expect(first.status, first.text).toBe(201);
    await call("PUT", "/v1/jobs/copy", { script: carried("goods"), folder: "sales", note: "two" });
    const edited = await call("PUT", "/v1/jobs/copy", { folder: "sales/daily" });
    expect(edited.body.script).toBe((await call("GET", "/v1/jobs/copy/versions/2")).body.script);
    const diff = await call("GET", "/v1/jobs/copy/diff?from=1");
    expect(diff.body.fields).toEqual([{ path: "folder", before: "", after: "sales/daily" }]);
    expect(diff.body.script.diff).toMatch(/^-.*orders.*\n\+.*goods/m);
    const restored = await call("POST", "/v1/jobs/copy/versions/1/restore", { note: "back" });
    expect(restored.body).toMatchObject({
      version: 4,
      folder: "",
      lastChange: { kind: "restored", of: 1, note: "back" },
    });
    expect(restored.body.script).toContain("orders");
    const texts = [diff, restored, await call("GET", "/v1/jobs/copy/versions/2"), await call("GET", "/v1/audit")];
    for (const { text } of texts) expect(text).not.toContain(password);
    const started = await call("POST", "/v1/runs", { job: "copy" });
    expect((await ended(started.body.id)).run).toMatchObject({ state: "succeeded", counters: { read: 2 } });
  });
});

describe("docs/jobs.md", () => {
  it("shows commands that do what it says", async () => {
    const { blocks } = documentAt("docs/jobs.md");
    const said: string[] = [];
    for (const line of blocks.flatMap(({ language, text }) => (language === "" ? shellLines(text) : []))) {
      const { code, out, err } = await run(...shellWords(line).slice(1));
      expect(code, `${line}: ${err}`).toBe(0);
      said.push(out);
    }
    const text = said.join("");
    expect(text).toMatch(/^ +2 +saved +.* nightly$/m);
    expect(text).toContain('schedule\n+ {"cron":"0 30 2 * * *","timeZone":"Asia/Shanghai"}');
    expect(text).toContain("restored version 1 of job orders as version 3");
    expect(text).toMatch(/^orders +sales\/daily +root +3 .* by hand$/m);
  });
});
