import { describe, expect, it } from "vitest";
import { loadConnector } from "../../../../shared/connectors/registry.js";
import { refuseHiddenSecrets } from "../../../../shared/sources/data-sources.js";
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

  it("is looked for in the time that the text's length allows", async () => {
    const mysql = await loadConnector("mysql");
    const look = (count: number) => {
      for (const part of [":", "a:", "://", "://a:", "? ", "?", '"', '"a', "password"])
        refuseHiddenSecrets(mysql, { sslCa: `://${part.repeat(count)}` });
    };
    expect(growth(12_500, look)).toBeLessThan(LINEAR);
  });
});
