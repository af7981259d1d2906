import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from "node:crypto";
import type { WireReader } from "./wire.js";
import { WireWriter } from "./wire.js";

/** An account of the server. */
export interface OracleAccount {
  readonly username: string;
  readonly password: string;
}

/** Verifiers of Oracle 12c: PBKDF2 and SHA-512. */
const VERIFIER_12C = 0x4815;
const rounds = { verifier: 4096, key: 3 } as const;

/** A login in two steps, as `O5LOGON` has it: nobody sends the password but by a key that both have parts of. */
export interface Login {
  /** What the server asks for. */
  challenge(): Buffer;
  /** @returns the answer that proves the server, null = the password is another one */
  answer(request: WireReader): Buffer | null;
}

/** The account's name in a request of either step. */
export function nameInLogin(request: WireReader): string {
  request.skip("byte", "number", "number", "byte", "number", "byte", "byte");
  return request.text();
}

/** Starts a login; for a name that nobody has, as if with a password that is never right. */
export function startLogin(account: OracleAccount | undefined): Login {
  const password = Buffer.from(account?.password ?? randomBytes(16).toString("hex"));
  const [salt, mixing, serverPart] = [randomBytes(16), randomBytes(16), randomBytes(32)];
  const key = pbkdf2Sync(
    password,
    Buffer.concat([salt, Buffer.from("AUTH_PBKDF2_SPEEDY_KEY")]),
    rounds.verifier,
    64,
    "sha512",
  );
  const hash = createHash("sha512").update(key).update(salt).digest().subarray(0, 32);
  return {
    challenge() {
      return parameters([
        ["AUTH_SESSKEY", encrypted(hash, serverPart).toString("hex").toUpperCase()],
        ["AUTH_VFR_DATA", salt.toString("hex").toUpperCase(), VERIFIER_12C],
        ["AUTH_PBKDF2_CSK_SALT", mixing.toString("hex").toUpperCase()],
        ["AUTH_PBKDF2_VGEN_COUNT", String(rounds.verifier)],
        ["AUTH_PBKDF2_SDER_COUNT", String(rounds.key)],
      ]);
    },
    answer(request) {
      const said = pairs(request);
      const clientPart = decrypted(hash, Buffer.from(said.AUTH_SESSKEY ?? "", "hex")).subarray(0, 32);
      const mixed = Buffer.concat([clientPart, serverPart]).toString("hex").toUpperCase();
      const session = pbkdf2Sync(mixed, mixing, rounds.key, 32, "sha512");
      const given = decrypted(session, Buffer.from(said.AUTH_PASSWORD ?? "", "hex")).subarray(16);
      const padding = given.at(-1) ?? 0;
      if (!account || !given.subarray(0, given.length - padding).equals(password)) return null;
      const proof = encrypted(session, Buffer.concat([randomBytes(16), Buffer.from("SERVER_TO_CLIENT")]));
      return parameters([
        ["AUTH_SVR_RESPONSE", proof.toString("hex").toUpperCase()],
        ["AUTH_VERSION_NO", String(0x13_00_00_00)],
        ["AUTH_MAX_OPEN_CURSORS", "300"],
        ["AUTH_MAX_IDEN_LENGTH", "128"],
      ]);
    },
  };
}

function pairs(request: WireReader): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  while (request.left > 0) {
    const key = request.twice()?.toString() ?? "";
    found[key] = request.twice()?.toString() ?? "";
    request.number();
  }
  return found;
}

function parameters(list: readonly (readonly [key: string, value: string, flag?: number])[]): Buffer {
  const writer = new WireWriter().byte(8).number(list.length);
  for (const [key, value, flag = 0] of list) writer.twice(key).twice(value).number(flag);
  // The end of the call.
  return writer.byte(9).number(0, 0).done();
}

const noVector = Buffer.alloc(16);

function encrypted(key: Buffer, data: Buffer): Buffer {
  const cipher = createCipheriv("aes-256-cbc", key, noVector).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

function decrypted(key: Buffer, data: Buffer): Buffer {
  const decipher = createDecipheriv("aes-256-cbc", key, noVector).setAutoPadding(false);
  return Buffer.concat([decipher.update(data.subarray(0, data.length - (data.length % 16))), decipher.final()]);
}
