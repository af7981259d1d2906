import { describe, expect, it } from "vitest";
import { keyGiver, loginHint } from "../../../../../shared/connectors/network/cloud-key.js";
import { ossSource } from "../../../../../shared/connectors/oss/source.js";

const place = { endpoint: "https://oss-cn-beijing.aliyuncs.com", bucket: "lake" };
const role = { authType: "RamRole", authIdentity: "acs:ram::1234567890123456:role/sluice-source-lake" };
const env = { ALIBABA_CLOUD_ACCESS_KEY_ID: "STS.own", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "own-secret" };
const parse = (properties: object) => ossSource.schema.parse({ ...place, ...properties });
const faultsOf = (properties: object) =>
  ossSource.schema.safeParse({ ...place, ...properties }).error?.issues.map(({ path }) => path.join("."));

describe("a login to the cloud", () => {
  it("is an access key, or a role given by its ARN", () => {
    expect(faultsOf({})).toEqual(["accessId", "accessKey"]);
    expect(faultsOf({ ...role, externalId: "shop-7" })).toBeUndefined();
    expect(faultsOf({ ...role, authIdentity: "" })).toBeUndefined();
    expect(faultsOf({ ...role, authIdentity: "role-id" })).toEqual(["authIdentity"]);
    expect(faultsOf({ ...role, authIdentity: "acs:ram::1:role/a&RoleArn=b" })).toEqual(["authIdentity"]);
    expect(faultsOf({ ...role, externalId: "two words" })).toEqual(["externalId"]);
    expect(faultsOf({ ...role, authType: "Ak", accessId: "id", accessKey: "secret" })).toEqual(["authIdentity"]);
  });

  it("hands out the access key with its token", async () => {
    const giver = keyGiver(parse({ accessId: "id", accessKey: "secret", securityToken: "token" }), {});
    expect(await giver()).toEqual({ accessKeyId: "id", accessKeySecret: "secret", securityToken: "token" });
  });

  it("is the function's own role when none is named, as it is at each call", async () => {
    const changing: NodeJS.ProcessEnv = { ...env, ALIBABA_CLOUD_SECURITY_TOKEN: "one" };
    const giver = keyGiver(parse({ authType: "RamRole" }), changing);
    expect((await giver()).securityToken).toBe("one");
    changing.ALIBABA_CLOUD_SECURITY_TOKEN = "two";
    expect(await giver()).toMatchObject({ accessKeyId: "STS.own", securityToken: "two" });
  });

  it("is not the function's own role for what Sluice itself keeps, which that role opens for every workspace", () => {
    const own = { ...env, SLUICE_OTS_INSTANCE: "sluice-prod", SLUICE_OSS_BUCKET: "sluice-prod-files" };
    const byRole = parse({ authType: "RamRole" });
    for (const name of ["sluice-prod", "Sluice-Prod", "sluice-prod-files"])
      expect(() => keyGiver(byRole, own, ["x", name])).toThrow(/holds what Sluice itself keeps/);
    expect(() => keyGiver(byRole, own, ["lake", ""])).not.toThrow();
    const byKey = parse({ accessId: "id", accessKey: "secret" });
    expect(() => keyGiver(byKey, own, ["sluice-prod"])).not.toThrow();
  });

  it("needs a function that has a role, also to assume another", () => {
    expect(() => keyGiver(parse(role), {})).toThrow(/this function has no role/);
    expect(() => keyGiver(parse({ authType: "RamRole" }), {})).toThrow(/this function has no role/);
  });

  it("is advised about by what it is", () => {
    expect(loginHint(parse({ accessId: "id", accessKey: "secret" }))).toContain("accessKey");
    expect(loginHint(parse({ authType: "RamRole" }))).toContain("role of the function");
    expect(loginHint(parse(role))).toContain("externalId");
  });
});
