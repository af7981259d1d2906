import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LocalMaxcompute, startLocalMaxcompute } from "../servers/local-maxcompute.js";
import { makeProject } from "../servers/maxcompute-client.js";
import { patience } from "../servers/pace.mjs";

let local: LocalMaxcompute;
beforeAll(async () => {
  local = await startLocalMaxcompute();
  await makeProject(local, "three_layers", { "odps.schema.model.enabled": "true" });
});
afterAll(() => local.close());

it("PyODPS works with the local MaxCompute as it does with the service", async () => {
  const python = process.env.SLUICE_PYTHON ?? "python3";
  const env = {
    ...process.env,
    ODPS_ENDPOINT: local.endpoint,
    ODPS_ID: local.key.accessId,
    ODPS_SECRET: local.key.accessKey,
  };
  const judge = join(import.meta.dirname, "judge.py");
  const { stdout } = await promisify(execFile)(python, [judge], { env, timeout: patience(60_000) });
  expect(stdout).toMatch(/^PyODPS [\d.]+: \d+ checks/);
  process.stdout.write(stdout);
});
