import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { appendFile, chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Client } from "pg";
import { makeCertificate } from "./certificate.js";
import { installPackage } from "./install-package.js";
import { patience } from "./pace.mjs";
import { endServer, freePort } from "./server-process.js";

/** A running PostgreSQL for tests, with an account that may do everything. */
export interface PostgresServer {
  /** `postgres://user:password@host:port` */
  readonly url: string;
  /** Certificate of its authority in PEM; empty for a server that was found through the environment. */
  readonly ca: string;
  /** Ends the server and removes its data; does nothing for a server that was found through the environment. */
  stop(): Promise<void>;
}

/** The environment variable that points at a server to use instead. */
export const postgresVariable = "SLUICE_TEST_POSTGRES_URL";

const account = { user: "sluice", password: "sluice-test" };

/**
 * Members of `sluice_plain` may connect without TLS and those of `sluice_barred` not at all; everybody else needs TLS.
 * A server of one's own lacks these rules.
 */
const hostRules = `
host all ${account.user} 127.0.0.1/32 scram-sha-256
host all +sluice_barred 127.0.0.1/32 reject
host all +sluice_plain 127.0.0.1/32 scram-sha-256
hostssl all all 127.0.0.1/32 scram-sha-256
`;

/**
 * Finds or starts a server: the one named by the environment, else an installed one on a random loopback port with a
 * private data folder and a certificate of its own, else the same after `apt-get install` when we are root.
 *
 * @throws Error that names the environment variable when there is no server to be had
 */
export async function startPostgres(): Promise<PostgresServer> {
  const url = process.env[postgresVariable];
  if (url) return { url: url.replace(/\/$/, ""), ca: "", stop: async () => {} };
  const programs = findPrograms() ?? installPrograms();
  const folder = await mkdtemp(join(tmpdir(), "sluice-postgres-"));
  try {
    return await launch(programs, folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The folder with `postgres` and `initdb` of the newest version that is installed. */
function findPrograms(): string | undefined {
  const home = "/usr/lib/postgresql";
  const versions = existsSync(home) ? readdirSync(home).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(home, version, "bin")),
    ...(process.env.PATH ?? "").split(delimiter),
  ];
  return folders.find((folder) => ["postgres", "initdb"].every((name) => existsSync(join(folder, name))));
}

function installPrograms(): string {
  installPackage("postgresql", "no PostgreSQL server found");
  const found = findPrograms();
  if (found) return found;
  throw new Error(
    `no PostgreSQL server found: install one, or set ${postgresVariable}=postgres://user:password@host:port`,
  );
}

async function launch(programs: string, folder: string): Promise<PostgresServer> {
  const as = ownerOptions();
  if (as.uid !== undefined) await chown(folder, as.uid, as.gid ?? as.uid);
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, account.password, { mode: 0o644 });
  if (as.uid !== undefined) await chown(passwordFile, as.uid, as.gid ?? as.uid);
  const init = ["-D", data, "-U", account.user, `--pwfile=${passwordFile}`, "-A", "scram-sha-256", "-E", "UTF8"];
  execFileSync(join(programs, "initdb"), [...init, "--locale=C", "--no-sync"], { ...as, stdio: "pipe", cwd: folder });
  const isEncrypted = encrypts(data, as);
  await writeFile(join(data, "pg_hba.conf"), hostRules);
  await appendFile(join(data, "postgresql.conf"), settings(isEncrypted));
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    const child = spawn(join(programs, "postgres"), ["-D", data, "-p", String(port), "-k", folder], {
      ...as,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    child.stderr?.on("data", (text: Buffer) => {
      log = `${log}${text}`.slice(-4000);
    });
    process.once("exit", () => child.kill("SIGKILL"));
    const url = `postgres://${account.user}:${account.password}@127.0.0.1:${port}`;
    if (await comesUp(child, url)) {
      const ca = isEncrypted ? await readFile(join(data, "server.crt"), "utf8") : "";
      // Immediate shutdown: it ends its children too, and nobody needs the data.
      return { url, ca, stop: () => endServer(child, folder, "SIGQUIT") };
    }
    child.kill("SIGKILL");
    if (tries === 3) throw new Error(`the server did not come up:\n${log}`);
  }
}

function settings(isEncrypted: boolean): string {
  const lines = ["listen_addresses = '127.0.0.1'", "fsync = off", "shared_buffers = 64MB", "max_connections = 100"];
  return `\n${[...lines, `ssl = ${isEncrypted ? "on" : "off"}`, "log_min_messages = fatal"].join("\n")}\n`;
}

/** initdb and postgres refuse to run as root. */
function ownerOptions(): Pick<SpawnOptions, "uid" | "gid"> {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

function encrypts(data: string, as: Pick<SpawnOptions, "uid" | "gid">): boolean {
  try {
    makeCertificate(data, ["DNS:localhost", "IP:127.0.0.1"], as);
    return true;
  } catch {
    return false;
  }
}

async function comesUp(child: ChildProcess, url: string): Promise<boolean> {
  for (const deadline = Date.now() + patience(6_000); Date.now() < deadline && child.exitCode === null; ) {
    const client = new Client({ connectionString: `${url}/postgres` });
    try {
      await client.connect();
      await client.query("CREATE ROLE sluice_plain; CREATE ROLE sluice_barred");
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}
