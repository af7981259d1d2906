import { describe, expect, it } from "vitest";
import { regionOf, s3EndpointOf, s3Source, usesPathStyle } from "../../../../../shared/connectors/s3/source.js";

const keys = { bucket: "lake", accessId: "id", accessKey: "secret" };
const parsed = (given: object) => s3Source.schema.parse({ ...keys, ...given });

describe("an S3 data source", () => {
  it("needs keys unless it uses a role, and an endpoint or a region", () => {
    const refused = s3Source.schema.safeParse({ bucket: "lake", accessId: "id" });
    expect(refused.error?.issues.map(({ path }) => path.join("."))).toEqual(["accessKey", "endpoint"]);
    expect(s3Source.schema.safeParse({ bucket: "lake", regionId: "eu-west-1", authType: "RamRole" }).success).toBe(
      true,
    );
  });

  it.each([
    [{ regionId: "eu-central-1" }, "https://s3.eu-central-1.amazonaws.com", "eu-central-1", false],
    [{ regionId: "cn-north-1" }, "https://s3.cn-north-1.amazonaws.com.cn", "cn-north-1", false],
    [{ endpoint: "s3.eu-west-3.amazonaws.com" }, "https://s3.eu-west-3.amazonaws.com", "eu-west-3", false],
    [{ endpoint: "s3.oss-cn-beijing.aliyuncs.com" }, "https://s3.oss-cn-beijing.aliyuncs.com", "cn-beijing", false],
    [
      { endpoint: "s3.oss-cn-beijing-internal.aliyuncs.com" },
      "https://s3.oss-cn-beijing-internal.aliyuncs.com",
      "cn-beijing",
      false,
    ],
    [{ endpoint: "http://minio.example:9000" }, "http://minio.example:9000", "us-east-1", true],
    [{ endpoint: "http://127.0.0.1:9000", regionId: "local" }, "http://127.0.0.1:9000", "local", true],
    [{ endpoint: "http://minio.example:9000", pathStyle: "false" }, "http://minio.example:9000", "us-east-1", false],
    [{ regionId: "eu-central-1", bucket: "my.lake" }, "https://s3.eu-central-1.amazonaws.com", "eu-central-1", true],
    [{ regionId: "eu-central-1", pathStyle: true }, "https://s3.eu-central-1.amazonaws.com", "eu-central-1", true],
  ])("%j is reached at %s, signed for %s, with the bucket in the path: %s", (given, endpoint, region, inPath) => {
    const source = parsed(given);
    expect([s3EndpointOf(source), regionOf(source), usesPathStyle(source)]).toEqual([endpoint, region, inPath]);
  });

  it("is not taken for a bucket or a region that cannot be", () => {
    for (const bucket of ["No", "x", "-a-", "a_b", "a".repeat(64)])
      expect(s3Source.schema.safeParse({ ...keys, regionId: "r", bucket }).error?.issues[0]?.path).toEqual(["bucket"]);
    expect(s3Source.schema.safeParse({ ...keys, regionId: "a b" }).error?.issues[0]?.path).toEqual(["regionId"]);
  });
});
