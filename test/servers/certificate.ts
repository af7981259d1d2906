import { execFileSync, type SpawnOptions } from "node:child_process";
import { join } from "node:path";

/** Files of a certificate that is its own authority, and of its key; both PEM. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Makes a certificate, good for two days.
 *
 * @param folder  gets `server.crt` and `server.key`; what is there already is replaced
 * @param names  as openssl writes them, such as `DNS:localhost`
 * @throws Error when there is no openssl
 */
export function makeCertificate(
  folder: string,
  names: readonly string[],
  as: Pick<SpawnOptions, "uid" | "gid"> = {},
): Certificate {
  const files = { certFile: join(folder, "server.crt"), keyFile: join(folder, "server.key") };
  const subject = ["-subj", "/CN=sluice-test", "-addext", `subjectAltName=${names.join(",")}`];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const out = ["-keyout", files.keyFile, "-out", files.certFile];
  execFileSync("openssl", ["req", "-x509", ...key, ...out, ...subject], { ...as, stdio: "ignore", cwd: folder });
  return files;
}
