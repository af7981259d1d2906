import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const aptGet = "/usr/bin/apt-get";
const flock = "/usr/bin/flock";

/**
 * Installs a Debian package when we are root, and says so, since it takes its time. Installations of all test runs of this
 * machine wait for each other. Whether it worked, the caller finds out by looking for what he needs.
 *
 * @param reason  what is missing without it
 */
export function installPackage(name: string, reason: string): void {
  if (process.getuid?.() !== 0 || !existsSync(aptGet)) return;
  process.stderr.write(`${reason}: installing ${name} with apt-get, once; this may take minutes …\n`);
  const startedAt = Date.now();
  try {
    run("update", "-q");
    // Others than we may hold the package system's own lock.
    run("-o", "DPkg::Lock::Timeout=600", "install", "-qy", "--no-install-recommends", name);
    process.stderr.write(`${name} is installed after ${Math.round((Date.now() - startedAt) / 1000)} s.\n`);
  } catch (error) {
    const lastLine = error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n").at(-1) : "";
    process.stderr.write(`${name} could not be installed: ${lastLine || error}\n`);
  }
}

function run(...args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const command = existsSync(flock) ? [flock, join(tmpdir(), "sluice-apt.lock"), aptGet] : [aptGet];
  const [program = aptGet, ...rest] = [...command, ...args];
  execFileSync(program, rest, { env, stdio: ["ignore", "ignore", "pipe"] });
}
