import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { loadDb2Driver } from "../../../../../shared/connectors/db2/driver.js";
import { db2Failure, db2RefusalOf } from "../../../../../shared/connectors/db2/server-error.js";

async function loaded(source: string | null) {
  const folder = await mkdtemp(path.join(tmpdir(), "ibm-db-"));
  const file = path.join(folder, "odbc.mjs");
  try {
    if (source !== null) await writeFile(file, source);
    return await loadDb2Driver({ SLUICE_DB2_DRIVER: file });
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a driver that cannot be used is told apart: absent, without its binary, without its libraries, of another kind", async () => {
  const thrown = (words: string) => `throw new Error(${JSON.stringify(words)});`;
  const bindings = "Could not locate the bindings file. Tried:\n → /app/node_modules/ibm_db/build/odbc_bindings.node";
  const library = "libdb2.so.1: cannot open shared object file: No such file or directory";
  await expect(loaded(null)).rejects.toMatchObject({
    ...{ code: "UNSUPPORTED", message: "DB2: the optional driver ibm_db is absent from the functions" },
    hint: expect.stringContaining("npm install ibm_db"),
  });
  await expect(loaded(thrown(bindings))).rejects.toMatchObject({
    message: expect.stringMatching(/^DB2: the driver ibm_db is installed, but without its binary/),
  });
  await expect(loaded(thrown("/app/ibm_db/build/Release/odbc_bindings.node"))).rejects.toMatchObject({
    message: expect.stringMatching(/without its binary/),
  });
  await expect(loaded(thrown(library))).rejects.toMatchObject({
    ...{ message: `DB2: the driver ibm_db does not find IBM's libraries: ${library}` },
    hint: expect.stringContaining("LD_LIBRARY_PATH"),
  });
  await expect(loaded("export const other = 1;")).rejects.toMatchObject({
    message: expect.stringMatching(/cannot be loaded: it has no function open/),
  });
});

test("a driver is found where the environment says", async () => {
  const driver = await loaded("export default { open: async () => 'here' };");
  expect(await driver.open("")).toBe("here");
});

test("sqlcodes are what they mean, from the driver's field or from the words of IBM's library", () => {
  const failure = (code: number | undefined, words: string) => {
    const { code: kind, message } = db2Failure(Object.assign(new Error(words), { sqlcode: code }), "reading SHOP.T");
    return [kind, message];
  };
  const said = "[IBM][CLI Driver] SQL30081N  A communication error has been detected. SQLSTATE=08001\n";
  expect(failure(-30_081, said)).toEqual([
    "SOURCE_UNREACHABLE",
    "reading SHOP.T: SQL30081N  A communication error has been detected. (sqlcode -30081)",
  ]);
  expect(failure(undefined, said)[0]).toBe("SOURCE_UNREACHABLE");
  expect(failure(-911, "[IBM][CLI Driver][DB2/LINUXX8664] SQL0911N  Deadlock.")[0]).toBe("SOURCE_BUSY");
  expect(failure(-204, '[IBM][CLI Driver][DB2/LINUXX8664] SQL0204N  "T" is an undefined name.')[0]).toBe(
    "SOURCE_OBJECT_MISSING",
  );
  expect(db2RefusalOf(Object.assign(new Error("SQL0803N  Duplicate."), { sqlcode: -803 }))?.reason).toBe(
    "DUPLICATE_KEY",
  );
  expect(db2RefusalOf(Object.assign(new Error("SQL0911N  Deadlock."), { sqlcode: -911 }))).toBeNull();
});
