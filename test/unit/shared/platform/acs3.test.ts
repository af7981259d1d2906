import { describe, expect, it } from "vitest";
import { signAcs3 } from "../../../../shared/platform/acs3.js";

const call = {
  host: "ecs.cn-shanghai.aliyuncs.com",
  action: "RunInstances",
  version: "2014-05-26",
  parameters: { RegionId: "cn-shanghai", ImageId: "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd" },
  date: "2023-10-26T10:22:32Z",
  nonce: "3156853299f313e23d1673dc12e1703d",
};
const signer = { accessKeyId: "YourAccessKeyId", accessKeySecret: "YourAccessKeySecret", securityToken: "" };

describe("an ACS3 signature", () => {
  it("is that of the documentation's worked example", () => {
    expect(signAcs3(call, signer).headers.authorization).toBe(
      "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
    );
  });

  it("covers the security token of a role", () => {
    const { headers } = signAcs3(call, { ...signer, securityToken: "token" });
    expect(headers["x-acs-security-token"]).toBe("token");
    expect(headers.authorization).toContain(";x-acs-security-token;");
  });

  it("encodes what a query must not hold, in the order of the names", () => {
    const { query } = signAcs3({ ...call, parameters: { b: "a b+c*~'", a: '{"x":"/"}' } }, signer);
    expect(query).toBe("a=%7B%22x%22%3A%22%2F%22%7D&b=a%20b%2Bc%2A~%27");
  });
});
