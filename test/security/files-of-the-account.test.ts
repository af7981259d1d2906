import fs from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { loadConnector } from "../../shared/connectors/registry.js";
import { fakeLogin, mysqlGreeting } from "../servers/fake-logins.js";

const planted = "of-the-account-9";
let home = "";
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

const files = [
  ...[".my.cnf", ".mylogin.cnf", ".pgpass", ".pg_service.conf", ".npmrc", ".netrc", ".odpsrc", ".ossutilconfig"],
  ...[
    ".aws/credentials",
    ".aws/config",
    ".aliyun/config.json",
    ".alibabacloud/credentials",
    ".postgresql/postgresql.key",
  ],
  ...["tns/tnsnames.ora", "tns/sqlnet.ora", "tns/cwallet.sso", "tns/ewallet.pem"],
];
const variables = [
  ...["PGPASSWORD", "PGUSER", "PGDATABASE", "MYSQL_PWD", "MYSQL_PASSWORD", "SQLCMDPASSWORD", "ORA_EDITION"],
  ...[
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "OSS_ACCESS_KEY_SECRET",
    ...["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_SDK_UA_APP_ID"],
  ],
];

/** Notes every path that is asked for from now on, by whichever function a driver uses. */
function watchPaths(): string[] {
  const seen: string[] = [];
  for (const name of ["readFileSync", "readFile", "existsSync", "openSync", "open", "createReadStream"] as const) {
    const original = fs[name] as (...given: unknown[]) => unknown;
    vi.spyOn(fs, name).mockImplementation(((...given: unknown[]) => {
      seen.push(String(given[0]));
      return original.apply(fs, given);
    }) as never);
  }
  return seen;
}

it("no driver looks into files or variables of the account that runs the function", async () => {
  home = await mkdtemp(path.join(tmpdir(), "sluice-account-"));
  for (const name of files) {
    await mkdir(path.dirname(path.join(home, name)), { recursive: true });
    await writeFile(path.join(home, name), `[client]\npassword=${planted}\nd=(${planted})\n`, { mode: 0o600 });
  }
  for (const name of variables) vi.stubEnv(name, planted);
  vi.stubEnv("HOME", home);
  vi.stubEnv("TNS_ADMIN", path.join(home, "tns"));
  vi.stubEnv("PGPASSFILE", path.join(home, ".pgpass"));
  vi.stubEnv("PGSERVICEFILE", path.join(home, ".pg_service.conf"));
  vi.stubEnv("MYSQL_HOME", home);
  const seen = watchPaths();
  fs.existsSync(path.join(home, "seen"));
  expect(seen.splice(0)).toEqual([path.join(home, "seen")]);
  const account = { username: "u", password: "", database: "d" };
  const key = { accessId: "LTAI", accessKey: "k" };
  for (const type of ["mysql", "ads", "postgresql", "sqlserver", "oracle", "oss", "s3", "ots", "odps"]) {
    const greeting = /mysql|ads/.test(type) ? mysqlGreeting("mysql_native_password") : null;
    const fake = await fakeLogin(greeting, Buffer.from("no"));
    const endpoint = `http://127.0.0.1:${fake.port}`;
    const others: Record<string, object> = {
      oss: { endpoint, bucket: "shop", ...key },
      s3: { endpoint, bucket: "shop", ...key },
      ots: { endpoint, instanceName: "shop", ...key },
      odps: { endpointMode: "Custom", endpoint: `${endpoint}/api`, project: "shop", ...key },
    };
    const { source, check } = await loadConnector(type);
    const properties = others[type] ?? { host: "127.0.0.1", port: fake.port, ...account };
    const parsed = source.schema.parse(properties);
    const stop = new AbortController();
    const checking = check?.(parsed, stop.signal);
    // What a driver looks for, it has looked for when it logs in.
    await expect.poll(() => fake.received.length, { timeout: 10_000, interval: 10 }).toBeGreaterThan(0);
    stop.abort();
    await checking;
    fake.close();
    expect([type, seen.filter((name) => name.startsWith(home))]).toEqual([type, []]);
    expect([type, Buffer.concat(fake.received).includes(planted)]).toEqual([type, false]);
  }
});
