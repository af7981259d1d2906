import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createConnection } from "mysql2/promise";
import { debianMysql, type UnpackedServer } from "./debian-mysql.js";
import { installPackage } from "./install-package.js";
import { patience } from "./pace.mjs";
import { endServer, freePort } from "./server-process.js";
import { zoneTables } from "./zone-tables.js";

/** A running MySQL-protocol server for tests, with an account that may do everything. */
export interface MysqlServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Unix socket, for servers that were started here. */
  readonly socket?: string;
  /** Ends the server and removes its data; does nothing for a server that was found through the environment. */
  stop(): Promise<void>;
}

/** The environment variable that points at a server to use instead: `mysql://user:password@host:port`. */
export const urlVariable = "SLUICE_TEST_MYSQL_URL";

const account = { user: "sluice", password: "sluice-test" };
const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin", "/usr/libexec"];

/**
 * Finds or starts a server: the one named by the environment, else an installed mariadbd or mysqld on a random loopback port
 * with a private data folder, else the same after `apt-get install` when we are root.
 *
 * @param extra  more server options, such as `--local-infile=0`; they win over ours
 * @param zone  `@@global.time_zone` of a server that is started
 * @throws Error that names the environment variable when there is no server to be had
 */
export async function startMariadb(extra: readonly string[] = [], zone = "+00:00"): Promise<MysqlServer> {
  const url = process.env[urlVariable];
  if (url) return { ...parseMysqlUrl(url), stop: async () => {} };
  return startProgram({ command: [findServer() ?? installServer()], options: [] }, extra, zone);
}

/** The environment variable that points at a MySQL to use instead of Debian's. */
export const otherUrlVariable = "SLUICE_TEST_OTHER_MYSQL_URL";

/**
 * Finds or starts a MySQL, not MariaDB: the one named by the environment, else Debian's.
 *
 * @param extra  more server options
 * @param zone  `@@global.time_zone` of a server that is started
 * @throws Error that names the environment variables when there is none to be had
 */
export async function startMysql(extra: readonly string[] = [], zone = "+00:00"): Promise<MysqlServer> {
  const url = process.env[otherUrlVariable];
  if (url) return { ...parseMysqlUrl(url), stop: async () => {} };
  let program: UnpackedServer;
  try {
    program = debianMysql();
  } catch (cause) {
    const ways = `set ${otherUrlVariable}=mysql://user:password@host:port, or SLUICE_TEST_NO_OTHER_MYSQL=1 to go without`;
    throw new Error(`no MySQL to be had (${cause instanceof Error ? cause.message : cause}): ${ways}`, { cause });
  }
  return startProgram(program, extra, zone);
}

async function startProgram(program: UnpackedServer, extra: readonly string[], zone: string): Promise<MysqlServer> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-mysql-"));
  try {
    await initialize(program, folder);
    await writeFile(join(folder, "init.sql"), `${firstStatements(zone).join("\n")}\n`, { mode: 0o644 });
    return await launch(program, folder, extra);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Host, port and account of a `mysql://` URL. */
export function parseMysqlUrl(url: string): Omit<MysqlServer, "stop" | "socket"> {
  const { hostname, port, username, password } = new URL(url);
  const decode = decodeURIComponent;
  return { host: hostname, port: Number(port || 3306), user: decode(username), password: decode(password) };
}

/** The `mysql://` URL of a server. */
export function mysqlUrl({ host, port, user, password }: Omit<MysqlServer, "stop" | "socket">): string {
  return `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}`;
}

function findProgram(...names: string[]): string | undefined {
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

function findServer(): string | undefined {
  return findProgram("mariadbd", "mysqld");
}

function installServer(): string {
  installPackage("mariadb-server", "no MariaDB or MySQL server found");
  const binary = findServer();
  if (binary) return binary;
  throw new Error(
    `no MariaDB or MySQL server found: install one, or set ${urlVariable}=mysql://user:password@host:port`,
  );
}

function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Servers do not run as root; the package of a server brings its user. */
function serverUser(): string {
  return spawnSync("id", ["mysql"]).status === 0 ? "mysql" : "nobody";
}

function ownerOption(): string[] {
  return runsAsRoot() ? [`--user=${serverUser()}`] : [];
}

/** Not the system's: two servers that are made at a time collide there. */
function temporary(folder: string): string {
  return join(folder, "tmp");
}

async function initialize({ command, options }: UnpackedServer, folder: string): Promise<void> {
  const [binary, ...before] = command;
  const asUser = ownerOption();
  await mkdir(temporary(folder));
  if (runsAsRoot()) {
    const id = (flag: string) => Number(execFileSync("id", [flag, serverUser()], { encoding: "utf8" }));
    for (const path of [folder, temporary(folder)]) await chown(path, id("-u"), id("-g"));
  }
  const places = [`--datadir=${join(folder, "data")}`, `--tmpdir=${temporary(folder)}`];
  const installer = findProgram("mariadb-install-db", "mysql_install_db");
  const mariadb = /mariadb/i.test(execFileSync(binary, [...before, "--version"], { encoding: "utf8" }));
  if (mariadb && installer) {
    const quick = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"];
    execFileSync(installer, ["--no-defaults", ...places, ...quick, ...asUser], { stdio: "pipe" });
  } else {
    const own = [...before, "--no-defaults", ...options];
    execFileSync(binary, [...own, "--initialize-insecure", ...places, ...asUser], { stdio: "pipe" });
  }
}

/** What a server does before it lets anybody in; also when it is started again. */
function firstStatements(zone: string): string[] {
  const grants = ["%", "localhost"].flatMap((host) => [
    `CREATE USER IF NOT EXISTS '${account.user}'@'${host}' IDENTIFIED BY '${account.password}';`,
    `GRANT ALL ON *.* TO '${account.user}'@'${host}' WITH GRANT OPTION;`,
  ]);
  return [...grants, ...zoneTables(), `SET GLOBAL time_zone = '${zone}';`];
}

async function launch(program: UnpackedServer, folder: string, extra: readonly string[]): Promise<MysqlServer> {
  const init = join(folder, "init.sql");
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    const child = spawnServer(program, folder, port, [`--init-file=${init}`, ...extra]);
    const server = { host: "127.0.0.1", port, ...account, socket: join(folder, "socket") };
    // A clean shutdown flushes pages nobody will read again.
    if (await comesUp(child, server)) return { ...server, stop: () => endServer(child, folder, "SIGKILL") };
    child.kill("SIGKILL");
    if (tries === 3) throw new Error(`the server did not come up:\n${await lastLines(join(folder, "log"))}`);
  }
}

function spawnServer(program: UnpackedServer, folder: string, port: number, extra: readonly string[]): ChildProcess {
  const [binary, ...before] = program.command;
  const options = [
    ...before,
    "--no-defaults",
    ...program.options,
    `--datadir=${join(folder, "data")}`,
    `--tmpdir=${temporary(folder)}`,
    `--socket=${join(folder, "socket")}`,
    `--pid-file=${join(folder, "pid")}`,
    `--log-error=${join(folder, "log")}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--local-infile=1",
    "--max-connections=400",
    "--max-allowed-packet=64M",
    "--innodb-buffer-pool-size=384M",
    // MySQL has another word for it.
    "--loose-innodb-log-file-size=256M",
    "--loose-innodb-redo-log-capacity=512M",
    // Tests and benchmarks compare programs, not disks.
    "--innodb-flush-log-at-trx-commit=2",
    ...ownerOption(),
    ...extra,
  ];
  const child = spawn(binary, options, { stdio: "ignore" });
  process.once("exit", () => child.kill("SIGKILL"));
  return child;
}

async function comesUp(child: ChildProcess, { host, port, user, password }: Omit<MysqlServer, "stop">) {
  for (const deadline = Date.now() + patience(6_000); Date.now() < deadline && child.exitCode === null; ) {
    try {
      const connection = await createConnection({ host, port, user, password });
      await connection.end();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return false;
}

async function lastLines(log: string): Promise<string> {
  const text = await readFile(log, "utf8").catch(() => "");
  return text.split("\n").slice(-15).join("\n");
}
