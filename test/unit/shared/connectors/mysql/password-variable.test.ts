import { expect, test } from "vitest";
import { connectMysql } from "../../../../../shared/connectors/mysql/client.js";
import { mysqlSourceSchema } from "../../../../../shared/connectors/mysql/source.js";

const base = { host: "127.0.0.1", port: 1, database: "shop", username: "u" };

test("a password may stand in a variable of the functions, but only in one meant for that", () => {
  const passwordEnv = "SLUICE_SECRET_SHOP";
  expect(mysqlSourceSchema.parse({ ...base, passwordEnv })).toMatchObject({ password: "", passwordEnv });
  const refused = (properties: object) =>
    mysqlSourceSchema.safeParse({ ...base, ...properties }).error?.issues.map(({ path }) => path.join("."));
  expect(refused({ passwordEnv: "SLUICE_MASTER_KEY" })).toEqual(["passwordEnv"]);
  expect(refused({ passwordEnv, password: "p" })).toEqual(["passwordEnv"]);
});

test("a variable that is not set is told by its name, without trying to connect", async () => {
  const source = mysqlSourceSchema.parse({ ...base, passwordEnv: "SLUICE_SECRET_NOWHERE_TO_BE_FOUND" });
  await expect(connectMysql(source, { use: "read" })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    path: "passwordEnv",
    message: /SLUICE_SECRET_NOWHERE_TO_BE_FOUND/,
  });
});
