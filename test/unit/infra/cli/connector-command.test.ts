import { describe, expect, it } from "vitest";
import { describeConnector, summarizeConnector } from "../../../../shared/connectors/describe.js";
import { loadConnector } from "../../../../shared/connectors/registry.js";
import { sluiceAt } from "./sluice-at.js";

const mysql = describeConnector(await loadConnector("mysql"));
const stream = describeConnector(await loadConnector("stream"));
const answers = {
  "GET /v1/connectors": { body: { items: [summarizeConnector(await loadConnector("odps"))] } },
  "GET /v1/connectors/mysql": { body: mysql },
  "GET /v1/connectors/stream": { body: stream },
};

describe("sluice connector", () => {
  it("lists the systems with what each can do", async () => {
    const { code, out } = await sluiceAt(answers, ["connector", "list"]);
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toMatch(/^type +system +what there is +also$/);
    expect(out).toMatch(/^odps +MaxCompute +.*test.* +maxcompute$/m);
  });

  it("shows the fields of all sides, each with what happens without it", async () => {
    const { code, out } = await sluiceAt(answers, ["connector", "show", "mysql"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^MySQL, MariaDB and compatible systems: mysql, also mariadb,/);
    expect(out).toMatch(/^address\[\]\.host +text +required +\S/m);
    expect(out).toMatch(/^password +text \(secret\) +\S/m);
    expect(out).toMatch(/^splitFactor +number +5 +\S/m);
    expect(out).toMatch(/^writeMode +insert\|replace\|update\|insert ignore +"insert" +\S/m);
    expect(out).toMatch(/^table +texts +required, or connection or querySql +\S/m);
    expect(out).not.toContain("fetchSize");
  });

  it("shows what is known and changes nothing when it is asked to, and a side without fields as such", async () => {
    expect((await sluiceAt(answers, ["connector", "show", "mysql", "--all"])).out).toMatch(
      /^fetchSize +text +Changes/m,
    );
    expect((await sluiceAt(answers, ["connector", "show", "stream"])).out).toContain("data source: nothing to fill in");
  });

  it("answers with the document under --json", async () => {
    expect(JSON.parse((await sluiceAt(answers, ["connector", "show", "mysql", "--json"])).out)).toEqual(
      JSON.parse(JSON.stringify(mysql)),
    );
  });
});
