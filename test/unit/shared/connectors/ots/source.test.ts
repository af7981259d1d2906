import { describe, expect, it } from "vitest";
import { otsSource } from "../../../../../shared/connectors/ots/source.js";

const ak = { endpoint: "inst.cn-hangzhou.ots.aliyuncs.com", instanceName: "inst", accessId: "id", accessKey: "secret" };

describe("Tablestore data source", () => {
  it("takes an access key and completes the endpoint", () => {
    expect(otsSource.schema.parse(ak)).toEqual({ ...ak, endpoint: `https://${ak.endpoint}`, authType: "Ak" });
  });

  it("parses its own output unchanged", () => {
    const once = otsSource.schema.parse(ak);
    expect(otsSource.schema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });

  it("needs no key when the function's role is used", () => {
    const { accessId, accessKey, ...rest } = ak;
    expect(otsSource.schema.safeParse({ ...rest, authType: "RamRole" }).success).toBe(true);
    const issues = otsSource.schema.safeParse(rest).error?.issues.map(({ path }) => path.join("."));
    expect(issues).toEqual(["accessId", "accessKey"]);
    expect([accessId, accessKey]).toEqual(["id", "secret"]);
  });

  it("hides the key, the token and the external id of a role", () =>
    expect(otsSource.secrets).toEqual(["accessKey", "securityToken", "externalId"]));

  it("takes inline properties out of a DataX parameter", () => {
    expect(otsSource.fromInline?.({ ...ak, table: "t", column: [{ name: "c" }] })).toEqual({
      sources: { inline_1: ak },
      parameter: { datasource: "inline_1", table: "t", column: [{ name: "c" }] },
    });
    expect(otsSource.fromInline?.({ datasource: "d", table: "t", endpoint: "old" })).toBeNull();
    expect(otsSource.fromInline?.({ table: "t" })).toBeNull();
  });
});
