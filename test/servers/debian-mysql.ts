import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** A server program that is not installed: what starts it, and where its own files are. */
export interface UnpackedServer {
  /** The dynamic linker of the release that the server comes from, and how it finds that release's libraries. */
  readonly command: readonly [string, ...string[]];
  readonly options: readonly string[];
}

const aptGet = "/usr/bin/apt-get";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** Releases of Debian have MariaDB; MySQL is kept in the distribution that is always being worked on. */
const suite = "http://deb.debian.org/debian sid main";

/**
 * MySQL's server out of Debian's packages, 50 MB, unpacked beside the system together with the libraries that it needs:
 * nothing is installed and root is not needed. What was unpacked once stays in a cache folder.
 *
 * @throws Error with apt's last words
 */
export function debianMysql(): UnpackedServer {
  // Not at root's home: the server runs as somebody who may not look into it.
  const home = process.getuid?.() === 0 ? "/var/cache" : (process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"));
  const cache = join(home, "sluice-tests");
  const root = join(cache, "mysql-of-debian");
  if (!existsSync(root)) unpack(cache, root);
  const libraries = readdirSync(join(root, "usr/lib")).find((name) => name.endsWith("-linux-gnu")) ?? "";
  const [linker = ""] = readdirSync(join(root, "usr/lib", libraries)).filter((name) => name.startsWith("ld-linux"));
  const path = ["usr/lib/mysql/private", `usr/lib/${libraries}`].map((folder) => join(root, folder)).join(":");
  const command = [join(root, "usr/lib", libraries, linker), "--library-path", path, join(root, "usr/sbin/mysqld")];
  const places = { basedir: "usr", "lc-messages-dir": "usr/share/mysql", "plugin-dir": "usr/lib/mysql/plugin" };
  return {
    command: command as [string, ...string[]],
    // Debian's own choices name folders of the system; the X protocol wants a port of its own.
    options: [
      ...Object.entries(places).map(([name, folder]) => `--${name}=${join(root, folder)}`),
      ...["--secure-file-priv=", "--mysqlx=OFF"],
    ],
  };
}

function unpack(cache: string, root: string): void {
  process.stderr.write("a MySQL for the tests: fetching it from Debian, once; 50 MB …\n");
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "sluice-apt-"));
  const found = mkdtempSync(join(cache, "unpacking-"));
  try {
    const env = { ...process.env, APT_CONFIG: aptConfig(work) };
    run(env, "update", "-q");
    run(env, "install", "-qy", "--download-only", "--no-install-recommends", "mysql-server-core");
    const packages = readdirSync(join(work, "cache/archives")).filter((name) => name.endsWith(".deb"));
    for (const name of packages) execFileSync("dpkg-deb", ["-x", join(work, "cache/archives", name), found]);
    execFileSync("chmod", ["-R", "a+rX", found]);
    // Somebody else may have been faster.
    if (!existsSync(root)) renameSync(found, root);
  } finally {
    for (const folder of [work, found]) rmSync(folder, { recursive: true, force: true });
  }
}

/** Has apt look at nothing of the system's but its programs and keys: as if nothing were installed but what the server does not need. */
function aptConfig(work: string): string {
  for (const folder of ["lists/partial", "cache/archives/partial", "log"])
    mkdirSync(join(work, folder), { recursive: true });
  writeFileSync(join(work, "sources.list"), `deb [signed-by=${keyring}] ${suite}\n`);
  const architecture = execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim();
  const perl = [
    "Package: perl",
    "Status: install ok installed",
    `Architecture: ${architecture}`,
    "Multi-Arch: allowed",
  ];
  writeFileSync(join(work, "status"), `${[...perl, "Version: 99", "Maintainer: -", "Description: -"].join("\n")}\n\n`);
  const settings = {
    "Dir::Etc::sourcelist": join(work, "sources.list"),
    "Dir::Etc::sourceparts": "-",
    "Dir::State::lists": join(work, "lists"),
    "Dir::State::status": join(work, "status"),
    "Dir::Cache": join(work, "cache"),
    "Dir::Log": join(work, "log"),
    "Acquire::Languages": "none",
    "APT::Sandbox::User": "",
    "Debug::NoLocking": "1",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
  writeFileSync(join(work, "apt.conf"), `${lines.join("\n")}\n`);
  return join(work, "apt.conf");
}

function run(env: NodeJS.ProcessEnv, ...args: readonly string[]): void {
  try {
    execFileSync(aptGet, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  } catch (cause) {
    const reason = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim().split("\n").at(-1) : "";
    throw new Error(`apt-get ${args[0]} failed: ${reason || cause}`, { cause });
  }
}
