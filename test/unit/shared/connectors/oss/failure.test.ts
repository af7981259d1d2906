import { describe, expect, it } from "vitest";
import { ossFailure } from "../../../../../shared/connectors/oss/failure.js";
import { ossSource } from "../../../../../shared/connectors/oss/source.js";

describe("what OSS answers", () => {
  it.each([
    [{ status: 307, code: "TemporaryRedirect" }, "SOURCE_REFUSED", "fix"],
    [{ status: 301, code: "PermanentRedirect" }, "SOURCE_REFUSED", "fix"],
    [{ status: 400, code: "InvalidBucketName" }, "SOURCE_REFUSED", "fix"],
    [{ status: 403, code: "AccessDenied" }, "ACCESS_DENIED", "fix"],
    [{ status: 503, code: "ServiceUnavailable" }, "SOURCE_BUSY", "retry"],
    [{ status: -1, code: "ConnectionTimeoutError" }, "SOURCE_UNREACHABLE", "retry"],
    [{ message: "The bucket must be conform to the specifications" }, "CONFIG_INVALID", "fix"],
  ])("%j is nobody's bug but told as %s", (cause, code, recovery) => {
    expect(ossFailure(Object.assign(new Error("no"), cause), "bucket b")).toMatchObject({ code, recovery });
  });

  it("says after a redirect that the endpoint is another", () => {
    const cause = Object.assign(new Error("moved"), { status: 307, code: "TemporaryRedirect" });
    expect(ossFailure(cause, "bucket b")).toMatchObject({ message: expect.stringContaining("correct endpoint") });
  });

  it("is not asked for a bucket that cannot be", () => {
    const source = { endpoint: "https://oss-cn-hangzhou.aliyuncs.com", accessId: "a", accessKey: "b" };
    for (const bucket of ["No", "x", "a.b", "-a-", "a".repeat(64)])
      expect(ossSource.schema.safeParse({ ...source, bucket }).error?.issues[0]?.path).toEqual(["bucket"]);
    expect(ossSource.schema.safeParse({ ...source, bucket: "shop-lake" }).success).toBe(true);
  });
});
