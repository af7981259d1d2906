import { describe, expect, it } from "vitest";
import { admitScript } from "../../../../shared/jobs/admit-script.js";
import { checkScript } from "../../../../shared/jobs/check-script.js";
import { ScriptError } from "../../../../shared/script/text/script-error.js";
import { environmentSecretBox } from "../../../../shared/secrets/environment-box.js";

const SECRET = "hunter2";
const box = environmentSecretBox({ current: Buffer.alloc(32, 1).toString("base64"), previous: "" });

/** Paths of what is refused when a script is stored, and when it is only validated; the text must not hold the secret. */
async function refused(script: object): Promise<string[]> {
  const text = JSON.stringify(script);
  const paths = async (work: () => Promise<unknown>): Promise<string[]> => {
    try {
      expect(JSON.stringify(await work())).not.toContain(SECRET);
      return [];
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      expect(JSON.stringify(error.issues) + error.message).not.toContain(SECRET);
      return error.issues.map(({ path }) => path ?? "");
    }
  };
  const stored = await paths(async () => (await admitScript(text, "w/job/j", box)).script);
  expect(await paths(async () => (await checkScript(text)).warnings)).toEqual(stored);
  return stored;
}

const writer = { stepType: "stream", category: "writer", name: "writer", parameter: {} };
function script(parameter: object, more: object = {}, stepType = "mysql"): object {
  const reader = { stepType, category: "reader", name: "reader", parameter };
  return { type: "job", version: "2.0", steps: [reader, writer], setting: {}, ...more };
}
const orders = { datasource: "shop", table: ["orders"], column: ["id"] };

describe("a secret left in a script", () => {
  it.each([
    ["password", { ...orders, password: SECRET }],
    ["Password", { ...orders, Password: SECRET }],
    [
      "connection[0].password",
      { connection: [{ datasource: "shop", table: ["t"], password: SECRET }], column: ["id"] },
    ],
    ["hadoopConfig.fs.oss.accessKeySecret", { ...orders, hadoopConfig: { "fs.oss.accessKeySecret": SECRET } }],
    ["config.credentials.of", { ...orders, config: { credentials: { of: SECRET } } }],
    ["jdbcUrl", { ...orders, jdbcUrl: `jdbc:mysql://db/shop?user=a&password=${SECRET}` }],
    ["accessKey", { ...orders, accessKey: SECRET }],
    ["accessKeySecret", { ...orders, accessKeySecret: SECRET }],
    ["keyFile", { ...orders, keyFile: `-----BEGIN PRIVATE KEY-----${SECRET}` }],
  ])("is refused in a parameter, at its place: %s", async (_place, parameter) => {
    expect(await refused(script(parameter))).toHaveLength(1);
  });

  it("is refused around the steps, in drafts and runs alike", async () => {
    expect(await refused(script(orders, { extend: { notify: { token: SECRET } } }))).toEqual(["extend.notify.token"]);
    expect(await refused(script(orders, { setting: { common: { secretKey: SECRET } } }))).toEqual([
      "setting.common.secretKey",
    ]);
  });

  it("is taken out of a DataX connection, and what would be left there is refused", async () => {
    const datax = (connection: object, rest: object = {}) => ({
      job: {
        setting: { speed: { channel: 1 } },
        content: [
          {
            reader: {
              name: "mysqlreader",
              parameter: { username: "u", password: SECRET, column: ["id"], connection: [connection], ...rest },
            },
            writer: { name: "streamwriter", parameter: {} },
          },
        ],
      },
    });
    const shop = { jdbcUrl: ["jdbc:mysql://db/shop"], table: ["orders"] };
    expect(await refused(datax(shop))).toEqual([]);
    const inside = "job.content[0].reader.parameter.connection[0].password";
    expect(await refused(datax({ ...shop, password: SECRET }))).toEqual([inside]);
    expect(await refused(datax(shop, { secretAccessKey: SECRET }))).toHaveLength(1);
  });

  it("is none where the word names data, or nothing is there", async () => {
    const harmless = {
      ...orders,
      column: ["id", "password", "access_token"],
      where: "password = 'x' and api_key is null",
      ...{ password: "", accessKey: "******", useSpecialSecret: "false" },
    };
    expect(await refused(script(harmless))).toEqual([]);
    const column = [{ value: "a", type: "string", name: "password" }];
    expect(await refused(script({ column, sliceRecordCount: 1 }, {}, "stream"))).toEqual([]);
  });
});
