import { describe, expect, it } from "vitest";
import { objectReadSchema } from "../../../../../shared/connectors/objects/read-params.js";
import { ossEndpointOf } from "../../../../../shared/connectors/oss/client.js";
import { ossFailure } from "../../../../../shared/connectors/oss/failure.js";
import { ossSource } from "../../../../../shared/connectors/oss/source.js";

const keys = { bucket: "lake", accessId: "id", accessKey: "secret" };

describe("an OSS data source", () => {
  it("needs keys unless it uses the function's role, and an endpoint or a region", () => {
    expect(ossSource.schema.safeParse({ ...keys, endpoint: "oss-cn-beijing.aliyuncs.com" }).success).toBe(true);
    expect(ossSource.schema.safeParse({ bucket: "lake", regionId: "cn-beijing", authType: "RamRole" }).success).toBe(
      true,
    );
    const refused = ossSource.schema.safeParse({ bucket: "lake", accessId: "id" });
    expect(refused.error?.issues.map(({ path }) => path.join("."))).toEqual(["accessKey", "endpoint"]);
  });

  it("reaches the region's public address when no endpoint is given", () => {
    expect(ossEndpointOf(ossSource.schema.parse({ ...keys, regionId: "cn-beijing" }))).toBe(
      "https://oss-cn-beijing.aliyuncs.com",
    );
    expect(ossEndpointOf(ossSource.schema.parse({ ...keys, endpoint: "http://127.0.0.1:80" }))).toBe(
      "http://127.0.0.1:80",
    );
  });

  it("is taken out of a DataX parameter, whose CSV cells are then trimmed as DataX does", () => {
    const parameter = { ...keys, endpoint: "http://x", object: "a.csv", column: ["*"] };
    const found = ossSource.fromInline?.(parameter);
    expect(found?.sources).toEqual({ inline_1: { ...keys, endpoint: "http://x" } });
    expect(found?.parameter).toEqual({ datasource: "inline_1", object: "a.csv", column: ["*"], csvReaderConfig: {} });
    expect(ossSource.fromInline?.({ ...parameter, writeMode: "append" })?.parameter).not.toHaveProperty(
      "csvReaderConfig",
    );
    expect(ossSource.fromInline?.({ datasource: "lake", object: "a.csv" })).toBeNull();
    expect(objectReadSchema.safeParse(found?.parameter).success).toBe(true);
  });
});

describe("a failure of OSS", () => {
  const codeOf = (cause: object) => {
    const error = ossFailure(cause, "object a");
    return [error.code, error.recovery];
  };

  it("is the user's to fix, or worth another attempt, or our bug", () => {
    expect(codeOf({ status: 403, code: "SignatureDoesNotMatch" })).toEqual(["ACCESS_DENIED", "fix"]);
    expect(codeOf({ status: 404, code: "NoSuchBucket" })).toEqual(["SOURCE_OBJECT_MISSING", "fix"]);
    expect(codeOf({ status: 412, code: "PreconditionFailed" })).toEqual(["SOURCE_OBJECT_MISSING", "fix"]);
    expect(codeOf({ status: 400, code: "InvalidArgument" })).toEqual(["SOURCE_REFUSED", "fix"]);
    expect(codeOf({ status: 503, code: "ServiceUnavailable" })).toEqual(["SOURCE_BUSY", "retry"]);
    expect(codeOf({ status: -2, name: "ConnectionTimeoutError" })).toEqual(["SOURCE_UNREACHABLE", "retry"]);
    expect(codeOf({ code: "ECONNRESET" })).toEqual(["SOURCE_UNREACHABLE", "retry"]);
    expect(codeOf(new TypeError("x is not a function"))).toEqual(["INTERNAL", "report"]);
  });
});
