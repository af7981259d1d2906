import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSluiceLocal } from "../../infra/cli/local.js";
import { connectPostgresqlWire } from "../../shared/connectors/postgresql/client.js";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), "sluice-home-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** What others than the owner may do, by path: nothing is left out. */
async function openToOthers(folder: string): Promise<string[]> {
  const found = [folder, ...(await readdir(folder, { recursive: true })).map((name) => path.join(folder, name))];
  const open = await Promise.all(
    found.map(async (name) => (((await stat(name)).mode & 0o077) === 0 ? [] : [path.relative(folder, name)])),
  );
  return open.flat();
}

describe("the local cloud's data folder", () => {
  it("is its owner's alone with all its files, as an earlier version left them too", async () => {
    const folder = path.join(home, "data");
    await mkdir(path.join(folder, "cloud", "db"), { recursive: true });
    await writeFile(path.join(folder, "ports.json"), "{}");
    await writeFile(path.join(folder, "cloud", "credentials.new"), "x");
    for (const name of ["", "cloud", "cloud/db"]) await chmod(path.join(folder, name), 0o755);
    for (const name of ["ports.json", "cloud/credentials.new"]) await chmod(path.join(folder, name), 0o644);
    const local = await startSluiceLocal({ folder });
    try {
      expect(await openToOthers(folder)).toEqual([]);
    } finally {
      await local.close();
    }
    expect(await openToOthers(folder)).toEqual([]);
  });
});

describe("a login without a password", () => {
  it("takes none from files or variables of the function's user", async () => {
    await writeFile(path.join(home, ".pgpass"), "*:*:*:*:of-the-file\n", { mode: 0o600 });
    const before = { ...process.env };
    Object.assign(process.env, { HOME: home, PGPASSFILE: path.join(home, ".pgpass"), PGPASSWORD: "of-the-variable" });
    const { server, port, sent } = await passwordCatcher();
    try {
      const source = {
        addresses: [],
        database: "d",
        username: "u",
        password: "",
        passwordEnv: null,
        tls: null,
        allowsReadablePassword: true,
      };
      await expect(
        connectPostgresqlWire({ ...source, connectTimeoutMs: 5000 }, { host: "127.0.0.1", port }),
      ).rejects.toThrow();
      expect(sent).toEqual([""]);
    } finally {
      for (const name of ["HOME", "PGPASSFILE", "PGPASSWORD"]) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
      server.close();
    }
  });
});

/** A server that speaks PostgreSQL as far as asking for a password in the clear, and refuses it. */
async function passwordCatcher() {
  const sent: string[] = [];
  const server = createServer((socket) => {
    socket.once("data", () => {
      socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
      socket.once("data", (message) => {
        sent.push(message.subarray(5, -1).toString());
        const fields = Buffer.from("SFATAL\0C28P01\0Mno\0\0");
        const head = Buffer.alloc(5);
        head.write("E");
        head.writeInt32BE(fields.length + 4, 1);
        socket.end(Buffer.concat([head, fields]));
      });
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { server, sent, port: typeof address === "object" && address !== null ? address.port : 0 };
}
