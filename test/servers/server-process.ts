import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";

/** Ends a server that keeps nothing worth a clean shutdown, and removes its folder. */
export async function endServer(child: ChildProcess, folder: string, signal: "SIGKILL" | "SIGQUIT"): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }
  await rm(folder, { recursive: true, force: true });
}

/** Below what systems hand out to whoever asks for any port: nobody gets these by chance. */
const PORTS = { from: 12_000, to: 30_000 };

/** A loopback port that nobody listens at, and that nobody is given who asks for any. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
  throw new Error("no free port");
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
