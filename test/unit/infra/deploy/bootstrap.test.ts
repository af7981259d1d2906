import { describe, expect, it } from "vitest";
import { bootstrap } from "../../../../infra/deploy/bootstrap.js";

const deployer = {
  SLUICE_STAGE: "test",
  // Nobody listens there: whoever looks before checking says so.
  SLUICE_OTS_ENDPOINT: "http://127.0.0.1:1",
  SLUICE_OTS_INSTANCE: "sluice-test",
  SLUICE_OSS_ENDPOINT: "http://127.0.0.1:1",
  SLUICE_OSS_BUCKET: "sluice-test-own",
  ALIBABA_CLOUD_ACCESS_KEY_ID: "id",
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: "secret",
};

describe("bootstrap refuses, before it looks at anything,", () => {
  it.each([
    ["SLUICE_STAGE", "Prod_1"],
    ["SLUICE_OTS_ENDPOINT", "sluice-test.cn-hangzhou.ots.aliyuncs.com"],
    ["SLUICE_OSS_ENDPOINT", "oss-cn-hangzhou.aliyuncs.com"],
  ])("%s of a form that is of no use, with the value", async (name, value) => {
    const refusal = bootstrap({ env: { ...deployer, [name]: value }, isDryRun: true });
    await expect(refusal).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      path: name,
      message: expect.stringContaining(`${name} is "${value}"`),
    });
  });
});
