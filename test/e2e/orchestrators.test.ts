import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sluice as command } from "../../infra/cli/program.js";
import { freePort } from "../servers/server-process.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";
import { documentAt, shellLines, shellWords } from "../unit/docs/documents.js";
import { fakeTerminal } from "../unit/infra/cli/fake-terminal.js";
import { repositoryFile } from "./cli-process.js";
import { fresh } from "./fresh.js";

let sluice: TestSluice;
const rows = (count: number, cell: object = { value: "x", type: "string" }) =>
  job(["stream", { sliceRecordCount: count, column: [cell] }], ["stream", { print: false }]);

beforeAll(async () => {
  sluice = await startSluice();
  const dated = rows(3, { value: "${bizdate}", type: "string" });
  for (const [name, script] of [
    ["orders", dated],
    ["endless", rows(2_000_000_000)],
  ] as const)
    expect((await sluice.call("PUT", `/v1/jobs/${name}`, { script })).status).toBe(201);
});
afterAll(() => sluice.close());

const page = documentAt("docs/orchestrators.md");
const operator = repositoryFile("examples/run-job.sh");

function environment(more: Record<string, string> = {}) {
  const { PATH = "" } = process.env;
  return { PATH, SLUICE_ENDPOINT: sluice.cloud.endpoints.api, SLUICE_TOKEN: sluice.token, ...more };
}

/** Runs a line in a shell at the repository's root. */
async function shell(line: string, more: Record<string, string> = {}) {
  const options = { cwd: repositoryFile("."), env: environment(more) };
  try {
    return { code: 0, ...(await promisify(execFile)("sh", ["-c", line], options)) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

const runsOf = async (name: string) => (await sluice.call("GET", `/v1/runs?job=${name}`)).body.items;

describe("docs/orchestrators.md", () => {
  it("shows commands that run the job for its date", async () => {
    const lines = page.blocks.flatMap(({ language, text }) => (language === "" ? shellLines(text) : []));
    expect(lines).toHaveLength(3);
    const at = ["--endpoint", sluice.cloud.endpoints.api, "--token", sluice.token];
    const terminal = fakeTerminal();
    expect(await command([...shellWords(lines[0] ?? "").slice(1), ...at], terminal)).toBe(0);
    expect(await shell(lines[1] ?? "")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^run r\w+\n$/) });
    const rendered = (lines[2] ?? "")
      .replace("${system.workflow.instance.id}", "17")
      .replace("${system.task.instance.id}", "4")
      .replace("${system.biz.date}", "20261127");
    for (let i = 0; i < 2; i++) expect(await shell(rendered)).toMatchObject({ code: 0 });
    const dates = (await runsOf("orders")).map(({ parameters }: { parameters: object }) => parameters);
    expect(dates).toEqual([{ bizdate: "20261127" }, { bizdate: "20261128" }, { bizdate: "20261128" }]);
  });

  it("shows an operator for Airflow whose command does its work once it is rendered", async () => {
    const [python] = page.blocks.filter(({ language }) => language === "python");
    const [, line = ""] = /bash_command="([^"]*)"/.exec(python?.text ?? "") ?? [];
    // Without it Airflow takes the command for the name of a template.
    expect(line).toMatch(/ $/);
    const [, key = ""] = /"SLUICE_KEY": "([^"]*)"/.exec(python?.text ?? "") ?? [];
    const render = (text: string) =>
      text
        .replace("{{ ds_nodash }}", "20261126")
        .replace("{{ run_id }}", "scheduled__2026-11-26T02:30:00+00:00")
        .replace("{{ ti.try_number }}", "1");
    const first = await shell(render(line), { SLUICE_KEY: render(key) });
    expect(first).toMatchObject({ code: 0 });
    expect(await shell(render(line), { SLUICE_KEY: render(key) })).toMatchObject({ code: 0, stdout: first.stdout });
    expect(
      (await runsOf("orders")).filter(
        ({ parameters }: { parameters: { bizdate: string } }) => parameters.bizdate === "20261126",
      ),
    ).toHaveLength(1);
  });
});

describe("examples/run-job.sh", () => {
  it("sends values as they are, whatever stands in them", async () => {
    const value = `a "b" \\ 'c' $d \`e\` {f} "state":"succeeded"`;
    const { code } = await shell(`"${operator}" orders "odd=$ODD" plain=`, { ODD: value });
    expect(code).toBe(0);
    expect((await runsOf("orders"))[0].parameters).toEqual({ odd: value, plain: "" });
  });

  it("ends as the run did", async () => {
    expect(await shell(`"${operator}" nobody`)).toMatchObject({ code: 2, stderr: expect.stringContaining("nobody") });
    expect(await shell(`"${operator}" orders oops`)).toMatchObject({ code: 2 });
    expect(await shell(`"${operator}"`)).toMatchObject({ code: 2 });
    const name = fresh("dirty");
    const { accessKeyId: accessId, accessKeySecret: accessKey } = sluice.cloud.credentials;
    await sluice.bucket("lake");
    await sluice.register(name, "oss", { endpoint: sluice.cloud.endpoints.oss, bucket: "lake", accessId, accessKey });
    const bucket = await sluice.bucket("lake");
    await bucket.put("odd.csv", Buffer.from("no\n"));
    const reader: [string, object] = [
      "oss",
      { datasource: name, object: ["odd.csv"], fileFormat: "csv", column: [{ index: 0, type: "long" }] },
    ];
    await sluice.call("PUT", `/v1/jobs/${name}`, { script: job(reader, ["stream", {}]) });
    expect(await shell(`"${operator}" ${name}`)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("ERROR_LIMIT"),
    });
    await bucket.delete("odd.csv");
    expect((await shell(`"${operator}" ${name}`)).code).toBe(1);
  });

  it("cancels its run when it is ended by a signal", async () => {
    const child = spawn(operator, ["endless"], { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
    const [first] = await once(child.stdout, "data");
    const [, id = ""] = /^run (r\w+)/.exec(String(first)) ?? [];
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    expect(code).toBe(5);
    expect((await sluice.ended(id)).run.state).toBe("cancelled");
  });

  it("gives up on an API that does not answer", async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const dead = { SLUICE_ENDPOINT: endpoint, SLUICE_TRIES: "2", SLUICE_PAUSE: "0" };
    expect(await shell(`"${operator}" orders`, dead)).toMatchObject({ code: 4 });
  });
});

describe("a call that waits", () => {
  it("answers when the run has ended, or with the run as it stands", async () => {
    const ended = await sluice.call("POST", "/v1/runs?wait=50", { job: "orders" });
    expect(ended).toMatchObject({ status: 202, body: { state: "succeeded", counters: { read: 3 } } });
    const going = await sluice.call("POST", "/v1/runs?wait=1", { job: "endless", idempotencyKey: fresh("once") });
    expect(going.body.state).not.toBe("succeeded");
    const { id } = going.body;
    const waiting = sluice.call("GET", `/v1/runs/${id}?wait=50`);
    await sluice.call("POST", `/v1/runs/${id}/cancel`);
    expect((await waiting).body.run.state).toBe("cancelled");
    for (const wait of ["51", "-1", "x"]) {
      expect((await sluice.call("GET", `/v1/runs/${id}?wait=${wait}`)).status).toBe(400);
      expect((await sluice.call("POST", `/v1/runs?wait=${wait}`, { job: "orders" })).status).toBe(400);
    }
  });
});
