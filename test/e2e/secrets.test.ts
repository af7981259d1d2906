import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ClassicLevel } from "classic-level";
import { describe, expect, it } from "vitest";
import { startSluice, type TestSluice } from "../servers/sluice.js";
import { type Caller, newWorkspace, someMysql } from "./source-workspaces.js";

const secret = (door: string) => `hush-${door}-9b1fca`;
const doors = ["create", "change", "clone", "import", "refused", "inline", "script", "url"] as const;

/** Everything that the stopped local cloud kept, as text; what is base64 in it too. */
async function stored(folder: string): Promise<string> {
  const db = new ClassicLevel<Buffer, Buffer>(path.join(folder, "db"), {
    keyEncoding: "buffer",
    valueEncoding: "buffer",
  });
  await db.open();
  const parts: string[] = [];
  for await (const [key, value] of db.iterator()) parts.push(key.toString("utf8"), value.toString("utf8"));
  await db.close();
  return parts.join("\n");
}

/** Puts one secret through each door; returns all that was answered. */
async function knock(sluice: TestSluice): Promise<string> {
  const { name, call } = await newWorkspace(sluice, "standard");
  const answers: string[] = [];
  const ask = async (...request: Parameters<Caller>) => {
    const answer = await call(...request);
    answers.push(answer.text, JSON.stringify([...answer.headers]));
    return answer;
  };
  const dataX = (door: string) => {
    const side = (jdbcUrl: unknown) => ({
      ...{ username: "sync", password: secret(door), column: ["*"] },
      connection: [{ jdbcUrl, table: ["orders"] }],
    });
    const url = "jdbc:mysql://127.0.0.1:1/shop";
    const reader = { name: "mysqlreader", parameter: side([url]) };
    const writer = { name: "mysqlwriter", parameter: { ...side(url), writeMode: "insert" } };
    return JSON.stringify({ job: { setting: { speed: { channel: 1 } }, content: [{ reader, writer }] } });
  };
  const local = (door: string) => ({ ...someMysql, host: "127.0.0.1", port: 1, password: secret(door) });
  const body = { name: "shop", type: "mysql", environment: "production" };
  await ask("POST", "/v1/data-sources", { ...body, properties: local("create") }, { "idempotency-key": "once" });
  await ask("PUT", "/v1/data-sources/shop", { environment: "production", properties: local("change") });
  await ask("POST", "/v1/data-sources/shop/clone", { to: "copy", properties: { password: secret("clone") } });
  const row = (source: string, password: string) => `mysql,${source},,1,jdbc:mysql://127.0.0.1:1/shop,sync,${password}`;
  const content = ["type,name,description,environment,url,user,password"];
  content.push(
    row("imported", secret("import")),
    row("1bad", secret("refused")),
    `${row("long", secret("refused"))},x,y`,
  );
  await ask("POST", "/v1/data-source-imports", { content: content.join("\n") });
  const broken = `{"type":"mysql","name":"x","password":"${secret("refused")}`;
  await ask("POST", "/v1/data-source-imports", { format: "jsonl", content: broken });
  const hidden = `jdbc:mysql://127.0.0.1:1/shop?user=a&password=${secret("url")}`;
  await ask("POST", "/v1/data-sources", { ...body, name: "hidden", properties: { ...local("url"), jdbcUrl: hidden } });
  await ask("POST", "/v1/data-sources", { ...body, name: "odd", properties: { ...local("refused"), port: "x" } });
  await ask("POST", "/v1/data-sources", { ...body, name: "odd", properties: { ...local("refused"), extra: 1 } });
  await ask("PUT", "/v1/jobs/inline", { script: dataX("inline") });
  await ask("GET", "/v1/jobs/inline");
  for (const request of [{ job: "inline" }, { script: dataX("script") }]) {
    const { body: run } = await ask("POST", "/v1/runs", request);
    await expect.poll(async () => (await ask("GET", `/v1/runs/${run.id}`)).body.run.state).toBe("failed");
  }
  await ask("POST", "/v1/data-sources/shop/test", { environment: "production" });
  await ask("POST", "/v1/data-sources/shop/rename", { to: "store" });
  await ask("DELETE", "/v1/data-sources/store");
  await ask("POST", "/v1/data-sources/store/restore", {});
  const taken = (await call("GET", "/v1/data-sources")).body.items.map((item: { name: string }) => item.name);
  expect(taken).toEqual(["copy", "imported", "store"]);
  for (const url of ["/v1/data-sources", "/v1/data-source-exports", "/v1/audit", `/v1/workspaces/${name}`])
    await ask("GET", url);
  return answers.join("\n");
}

describe("a secret", () => {
  it("saved through any door is in no answer, log line, audit entry, table row or payload", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "sluice-secrets-"));
    try {
      const sluice = await startSluice({ folder });
      const answers = await knock(sluice).finally(() => sluice.close());
      const places = { answers, logs: sluice.logs.join("\n"), store: await stored(folder) };
      expect(places.store).toContain("sluice_sources");
      for (const [place, text] of Object.entries(places))
        for (const door of doors)
          for (const form of [secret(door), Buffer.from(secret(door)).toString("base64").slice(0, 16)])
            expect({ place, door, found: text.includes(form) }).toEqual({ place, door, found: false });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
