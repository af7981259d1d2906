import { readdir } from "node:fs/promises";
import { expect, it } from "vitest";
import { scratchFolder, startProgram } from "./cli-process.js";

it("plays the demo: 200,000 orders, 7 dirty records with reasons, a run that an upload starts, a partition of MaxCompute, nothing left behind", async () => {
  const { folder, remove } = await scratchFolder();
  try {
    const { code, out, err } = await startProgram("demo", [], { folder, env: { TMPDIR: folder } }).finished;
    expect({ code, err: err.replace(/^(running|planning|queued|publishing) .*\n/gm, "") }).toEqual({
      code: 0,
      err: "",
    });
    for (const source of ["shop_oss", "shop_ots", "landing_oss", "odps_first"])
      expect(out).toContain(`data source ${source}: reachable`);
    expect(out).toMatch(/oss → ots, 4 shards at once/);
    expect(out).toMatch(/records read +200,000\n +records written +199,993\n +dirty records +7 \(limit 10\)/);
    expect(out.match(/orders\/2026\.csv:\d+ +reader +\w+ in c\d/g)).toHaveLength(7);
    expect(out).toContain("the table holds 199,993 rows");
    expect(out).toMatch(/run \w+ followed by itself and brought 1,000 more/);
    expect(out).toMatch(/select count\(\*\) from orders where pt = '20260531': 1,000, visible at once/);
    expect(out).toMatch(/3 runs, all as expected, in [\d.]+ s\./);
    expect(await readdir(folder)).toEqual([]);
  } finally {
    await remove();
  }
});
