import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratchDatabase } from "../servers/scratch-mysql.js";
import { type WriterTestBed, writerTestBed } from "./mysql-test-bed.js";

let bed: WriterTestBed;

beforeAll(async () => {
  bed = await writerTestBed();
});
afterAll(async () => {
  await bed.database.drop();
});

describe("the ledger", () => {
  test("without the right to make the ledger the run goes on at least once, unless the job insists", async () => {
    const name = await bed.table();
    const other = await scratchDatabase();
    const user = `u${other.name.slice(-8)}`;
    await other.query(`CREATE TABLE ${name} (id INT PRIMARY KEY, name VARCHAR(20))`);
    await other.query(`CREATE USER ${user} IDENTIFIED BY 'pw-${user}'`);
    await other.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${other.name}.${name} TO ${user}`);
    const source = { ...other.source, username: user, password: `pw-${user}` };
    const { prepared: found } = await bed.prepared({ table: name }, "auto", source);
    expect(found).toMatchObject({ delivery: "atLeastOnce", repeatable: true });
    expect(found.notes.join()).toMatch(/cannot be written exactly once: .*denied/);
    await expect(bed.prepared({ table: name }, true, source)).rejects.toMatchObject({ code: "NOT_REPEATABLE" });
    expect((await bed.prepared({ table: name }, false, source)).prepared).toMatchObject({
      delivery: "atLeastOnce",
      notes: [],
    });
    await other.query(`DROP USER ${user}`);
    await other.drop();
  });
});
