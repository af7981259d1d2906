import { expect, it } from "vitest";
import { authorization, keyV4, textToSign } from "../../../../../../shared/connectors/odps/wire/signature.js";

const headers = { date: "Thu, 29 Feb 2024 12:34:56 GMT" };
const requests = [
  {
    request: {
      ...{ method: "GET", resource: "/projects/shop/tables", headers },
      query: { maxitems: "1", expectmarker: "true", curr_project: "shop" },
    },
    v2: "jrWvgYaAwj4Pne2YTy7hilD6xc4=",
    v4: "ZdM6kmEPQGR+LCW3cRPAotZS368=",
  },
  {
    request: {
      ...{ method: "POST", resource: "/projects/shop/instances", query: { curr_project: "shop" } },
      headers: { ...headers, "content-type": "application/xml", "x-odps-user-agent": "sluice/1", "user-agent": "no" },
    },
    v2: "oiqnL74rpEzlsYXiUMT8IIJDtHk=",
    v4: "kWzKwjEwu4LYMY+sObtCL20hwWU=",
  },
  {
    request: {
      ...{ method: "PUT", resource: "/projects/shop/tables/orders" },
      query: { uploadid: "U1", partition: "ds=20240229,hh=a b", blockid: "0" },
      headers: { ...headers, "content-type": "application/octet-stream", "x-odps-tunnel-version": "6" },
    },
    v2: "/F+e6pHog6zKB1NE7cZoaQoJ0kQ=",
    v4: "vle8lJVxNyQy+euWUjmCQouBiv8=",
  },
] as const;

const signer = {
  ...{ accessKeyId: "testid", accessKeySecret: "testsecret", region: null },
  now: Date.parse("2024-02-29T12:34:56Z"),
};

it.each(requests)("signs as PyODPS does: $request.method $request.resource", ({ request, v2, v4 }) => {
  expect(authorization(signer, request)).toBe(`ODPS testid:${v2}`);
  expect(authorization({ ...signer, region: "cn-hangzhou" }, request)).toBe(
    `ODPS testid/20240229/cn-hangzhou/odps/aliyun_v4_request:${v4}`,
  );
});

it("derives the key of version 4 from the day and the region", () => {
  expect(keyV4("testsecret", "20240229", "cn-hangzhou").toString("hex")).toBe(
    "64433a746825c7357026418865b8326ed2fc7b0de82666b2c5ed143441d75c9b",
  );
});

it("signs a parameter without a value by its name, and one that is named like a signed header", () => {
  const text = textToSign({
    ...{ method: "GET", resource: "/projects/p/tables/t", headers: { date: "D" } },
    query: { partitions: "", "x-odps-b": "1", name: "a=b" },
  });
  expect(text).toBe("GET\n\n\nD\nx-odps-b:1\n/projects/p/tables/t?name=a=b&partitions&x-odps-b=1");
});
