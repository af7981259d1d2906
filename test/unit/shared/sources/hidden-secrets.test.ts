import { describe, expect, it } from "vitest";
import { loadConnector } from "../../../../shared/connectors/registry.js";
import { refuseHiddenSecrets } from "../../../../shared/sources/hidden-secrets.js";
import { growth, LINEAR } from "../../growth.js";

describe("a password where nobody looks for one", () => {
  it("is refused in URLs and driver options, without repeating it", async () => {
    const mysql = await loadConnector("mysql");
    for (const properties of [
      { jdbcUrl: "jdbc:mysql://sync:hunter2@db/shop" },
      { jdbcUrl: "jdbc:mysql://sync:a:hunter2@db/shop" },
      { jdbcUrl: "jdbc:mysql://db/shop?Password = hunter2" },
      { properties: { trustStorePassword: "hunter2" } },
    ]) {
      expect(() => refuseHiddenSecrets(mysql, properties)).toThrow(/holds a password/);
      expect(() => refuseHiddenSecrets(mysql, properties)).not.toThrow(/hunter2/);
    }
    expect(() => refuseHiddenSecrets(mysql, { password: "a?password=b" })).not.toThrow();
  });

  it.each([
    ["mysql", { jdbcUrl: "jdbc:mysql://db/shop?pwd=hunter2" }],
    ["mysql", { jdbcUrl: "jdbc:mysql://db/shop?%70assword=hunter2" }],
    ["mysql", { jdbcUrl: "jdbc:mysql://db/shop?%2570assword=hunter2" }],
    ["mysql", { jdbcUrl: "jdbc:mysql://db/shop?useSSL=true&trustCertificateKeyStorePassword=hunter2" }],
    ["mysql", { jdbcUrl: "jdbc:mysql://db/shop?password2=hunter2" }],
    ["mysql", { jdbcUrl: "jdbc:mysql://address=(host=db)(port=3306)(password=hunter2)/shop" }],
    ["mysql", { jdbcUrl: "jdbc:mysql://(host=db,port=3306,user=u,password=hunter2)/shop" }],
    ["mysql", { jdbcUrl: "jdbc:mysql://sync%3Ahunter2%40db/shop" }],
    ["mysql", { host: "sync:hunter2@db" }],
    ["mysql", { host: "sync%3Ahunter2%40db" }],
    ["mysql", { address: [{ host: "db" }, { host: "sync:hunter2@db2" }] }],
    ["mysql", { host: "address=(host=db)(password=hunter2)" }],
    ["mysql", { database: "shop?password=hunter2" }],
    ["mysql", { properties: { keyStorePassword: "hunter2" } }],
    ["mysql", { properties: { "pass%77ord": "hunter2" } }],
    ["mysql", { properties: { ｐａｓｓｗｏｒｄ: "hunter2" } }],
    ["mysql", { properties: { "key-store_pass": "hunter2" } }],
    ["mysql", { properties: { password1: 4711 } }],
    ["mysql", { properties: { connectionAttributes: "app:x,password:hunter2" } }],
    ["mysql", { sslCa: "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----" }],
    ["mysql", { sslCert: "-----BEGIN CERTIFICATE-----\n-----BEGIN ENCRYPTED PRIVATE KEY-----" }],
    ["mysql", { sslCert: Buffer.from(`-----BEGIN PRIVATE KEY-----${"hunter2".repeat(20)}`).toString("base64") }],
    ["postgresql", { jdbcUrl: "jdbc:postgresql://db/shop?sslpassword=hunter2" }],
    ["postgresql", { jdbcUrl: "jdbc:postgresql://sync:hunter2@db/shop" }],
    ["sqlserver", { jdbcUrl: "jdbc:sqlserver://db;databaseName=shop;trustStorePassword=hunter2" }],
    ["sqlserver", { jdbcUrl: "jdbc:sqlserver://db;databaseName=shop;accessToken={hunter2}" }],
    ["sqlserver", { jdbcUrl: "jdbc:sqlserver://db;databaseName=shop;AADSecurePrincipalSecret=hunter2" }],
    ["sqlserver", { jdbcUrl: "jdbc:sqlserver://db;keyStoreSecret = hunter2" }],
    ["oracle", { jdbcUrl: "jdbc:oracle:thin:scott/hunter2@//db:1521/shop" }],
    ["oracle", { jdbcUrl: "jdbc:oracle:thin:@tcps://db:1521/shop?wallet_password=hunter2" }],
    ["oracle", { properties: { "oracle.net.wallet_password": "hunter2" } }],
    ["oracle", { properties: { "javax.net.ssl.trustStorePassword": "hunter2" } }],
    ["db2", { jdbcUrl: "jdbc:db2://db:50000/shop:apiKey=hunter2;" }],
    ["db2", { properties: { sslTrustStorePassword: "hunter2" } }],
    ["analyticdb", { url: "id:hunter2@db:3306" }],
    ["oss", { endpoint: "https://id:hunter2@oss-cn-hangzhou.aliyuncs.com" }],
    ["oss", { endpoint: "https://oss-cn-hangzhou.aliyuncs.com?security-token=hunter2" }],
    ["ots", { endpoint: "hunter2@shop.cn-hangzhou.ots.aliyuncs.com" }],
    ["maxcompute", { endpoint: "https://hunter2@service.cn-hangzhou.maxcompute.aliyun.com/api" }],
  ])("is found in %s %j", async (type, properties) => {
    const connector = await loadConnector(type);
    expect(() => refuseHiddenSecrets(connector, properties as never)).toThrow(/holds a password or key/);
    expect(() => refuseHiddenSecrets(connector, properties as never)).not.toThrow(/hunter2|4711/);
  });

  it.each([
    [
      "mysql",
      { jdbcUrl: "jdbc:mysql://a,[::1]:3307/shop?passwordCharacterEncoding=utf8&disconnectOnExpiredPasswords=false" },
    ],
    ["mysql", { jdbcUrl: "jdbc:mysql://db/shop?allowPublicKeyRetrieval=true&sessionVariables=sql_mode=ANSI" }],
    ["mysql", { passwordEnv: "SLUICE_SECRET_default__SHOP", username: "sync@tenant#cluster" }],
    ["mysql", { jdbcUrl: "jdbc:mysql://db/shop?password=&user=sync" }],
    ["mysql", { properties: { password: "******", credentialType: "GSSAPI", tokensPerSecond: 3 } }],
    ["mysql", { sslCa: "Signature Algorithm: sha256\n Signature: 3a:4b\n-----BEGIN CERTIFICATE-----\nMIIB\n" }],
    ["postgresql", { jdbcUrl: "jdbc:postgresql://db/shop?sslpasswordcallback=org.example.Ask" }],
    ["sqlserver", { jdbcUrl: "jdbc:sqlserver://db;databaseName=shop;accessTokenCallbackClass=org.example.Ask" }],
    ["oracle", { jdbcUrl: "jdbc:oracle:thin:@db:1521:ORCL" }],
    ["oss", { endpoint: "https://oss-cn-hangzhou.aliyuncs.com", accessId: "LTAI", bucket: "secret-recipes" }],
  ])("is not seen in %s %j", async (type, properties) => {
    const connector = await loadConnector(type);
    expect(() => refuseHiddenSecrets(connector, properties as never)).not.toThrow();
  });

  it("is looked for in the time that the text's length allows", async () => {
    const mysql = await loadConnector("mysql");
    const refuseAll = (count: number) => {
      for (const part of ["=", "a=", " =", "%25", "%61", ":", "a:", "://", "://a:", "? ", "?", '"', '"a', "password"])
        refuseHiddenSecrets(mysql, { sslCa: `://${part.repeat(count)}` });
    };
    expect(growth(12_500, refuseAll)).toBeLessThan(LINEAR);
  });
});
