import { createHmac, randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../shared/model/errors.js";
import type { LocalCredentials } from "./service.js";

const stored = z.object({
  accountId: z.string().min(1),
  accessKeyId: z.string().min(1),
  accessKeySecret: z.string().min(1),
  securityToken: z.string().min(1),
});

/**
 * The account's credentials, made once per folder and kept in a file that only its owner may read.
 *
 * @throws UserError CONFIG_INVALID when the file is there but not what was written
 */
export async function loadCredentials(folder: string): Promise<LocalCredentials> {
  const file = join(folder, "credentials.json");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return makeCredentials(file);
  try {
    return stored.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError("CONFIG_INVALID", `${file} is damaged: remove it to have new credentials made`, { cause });
  }
}

async function makeCredentials(file: string): Promise<LocalCredentials> {
  const credentials: LocalCredentials = {
    accountId: "1000000000000001",
    accessKeyId: `LTAI${randomBytes(10).toString("hex")}`,
    accessKeySecret: randomBytes(20).toString("hex"),
    securityToken: randomBytes(20).toString("hex"),
  };
  await writeFile(`${file}.new`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return credentials;
}

const ROLE_PREFIX = "STS.";

/**
 * The credentials of a function's role: of its own, so that its calls can be told from others'. Those of an instance
 * have an access key id of their own as well, and share the secret.
 */
export function roleCredentials(
  account: LocalCredentials,
  functionName: string,
  instanceId?: string,
): LocalCredentials {
  const derive = (purpose: string) =>
    createHmac("sha256", account.accessKeySecret).update(`${purpose}:${functionName}`).digest("hex");
  return {
    accountId: account.accountId,
    accessKeyId: `${ROLE_PREFIX}${functionName}${instanceId === undefined ? "" : `.${instanceId}`}`,
    accessKeySecret: derive("secret").slice(0, 40),
    securityToken: derive("token"),
  };
}

/** Whose access key it is. */
export interface KeyOwner {
  readonly functionName: string;
  /** null for the role's own key, which no instance has. */
  readonly instanceId: string | null;
}

/** The function that an access key id belongs to; null for the account's own and for unknown ones. */
export function ownerOfAccessKey(accessKeyId: string, functionNames: ReadonlySet<string>): KeyOwner | null {
  return accessKeyId.startsWith(ROLE_PREFIX) ? ownerOf(accessKeyId.slice(ROLE_PREFIX.length), functionNames) : null;
}

/** Whom `function.instance` names; null when there is no such function. */
export function ownerOf(mark: string, functionNames: ReadonlySet<string>): KeyOwner | null {
  const [functionName = "", instanceId = null] = mark.split(".", 2);
  return functionNames.has(functionName) ? { functionName, instanceId } : null;
}
