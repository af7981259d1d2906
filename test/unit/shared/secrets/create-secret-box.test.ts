import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Kms } from "../../../../shared/platform/kms.js";
import { createSecretBox, type SecretSettings } from "../../../../shared/secrets/create-secret-box.js";
import { environmentSecretBox } from "../../../../shared/secrets/environment-box.js";

const key = () => randomBytes(32).toString("base64");
const boxOf = (current = key(), previous = "") => environmentSecretBox({ current, previous });

describe("secrets sealed with a key of the environment", () => {
  it("open with the key and the name they were sealed for", async () => {
    const box = boxOf();
    const sealed = await box.seal({ password: "pässword" }, "default/shop");
    expect(JSON.stringify(sealed)).not.toContain("ssword");
    expect(await box.open(sealed, "default/shop")).toEqual({ password: "pässword" });
  });

  it("do not open for another object, with another key, or after a change", async () => {
    const box = boxOf();
    const sealed = await box.seal({ password: "p" }, "default/shop");
    await expect(box.open(sealed, "default/other")).rejects.toThrow("do not open");
    await expect(boxOf().open(sealed, "default/shop")).rejects.toThrow("SLUICE_MASTER_KEY_PREVIOUS");
    const tampered = { ...sealed, data: Buffer.from("tampered").toString("base64") };
    await expect(box.open(tampered, "default/shop")).rejects.toThrow("do not open");
    await expect(box.open({ ...sealed, tag: sealed.tag.slice(0, 8) }, "default/shop")).rejects.toThrow("do not open");
  });

  it("open after the key was changed, as long as the old one is given too", async () => {
    const [old, fresh] = [key(), key()];
    const sealed = await boxOf(old).seal({ password: "p" }, "default/shop");
    const rotated = boxOf(fresh, old);
    expect(await rotated.open(sealed, "default/shop")).toEqual({ password: "p" });
    const anew = await rotated.seal({ password: "p" }, "default/shop");
    expect(anew.keyId).not.toBe(sealed.keyId);
    expect(await boxOf(fresh).open(anew, "default/shop")).toEqual({ password: "p" });
    await expect(boxOf(fresh).open(sealed, "default/shop")).rejects.toThrow(sealed.keyId);
  });

  it("want keys of 32 bytes and say how to make one", () => {
    expect(() => boxOf("c2hvcnQ=")).toThrow("SLUICE_MASTER_KEY must be 32 bytes");
    expect(() => boxOf(key(), "c2hvcnQ=")).toThrow("SLUICE_MASTER_KEY_PREVIOUS must be 32 bytes");
    expect(() => boxOf("")).toThrow("openssl rand -base64 32");
  });
});

/** KMS without wrapping: the wrapped key names key and context. */
function memoryKms(): Kms & { calls: number } {
  const keys = new Map<string, { key: Buffer; context: string }>();
  const kms = {
    calls: 0,
    async generateDataKey(context: object) {
      kms.calls++;
      const wrappedKey = String(keys.size);
      const made = { key: randomBytes(32), context: JSON.stringify(context) };
      keys.set(wrappedKey, made);
      return { keyId: "key-1", key: made.key, wrappedKey };
    },
    async decrypt(wrappedKey: string, context: object) {
      kms.calls++;
      const found = keys.get(wrappedKey);
      if (found?.context !== JSON.stringify(context)) throw new Error("KMS refused");
      return found.key;
    },
  };
  return kms;
}

const settings = (more: Partial<SecretSettings["secrets"]> = {}, stage = "dev"): SecretSettings => ({
  stage,
  secrets: {
    masterKey: "",
    previousMasterKey: "",
    allowEnvironmentKey: false,
    kmsKeyId: "",
    kmsEndpoint: "",
    ...more,
  },
});

describe("secrets sealed with KMS", () => {
  it("open for the object they belong to, and ask KMS once in five minutes", async () => {
    const kms = memoryKms();
    const sealed = await createSecretBox(settings(), kms, Date.now).seal({ password: "p" }, "default/shop");
    expect(sealed).toMatchObject({ keyId: "kms:key-1", wrappedKey: "0" });
    let now = 0;
    const box = createSecretBox(settings(), kms, () => now);
    kms.calls = 0;
    for (let i = 0; i < 5; i++) expect(await box.open(sealed, "default/shop")).toEqual({ password: "p" });
    expect(kms.calls).toBe(1);
    now = 300_001;
    await box.open(sealed, "default/shop");
    expect(kms.calls).toBe(2);
    await expect(createSecretBox(settings(), kms, Date.now).open(sealed, "default/other")).rejects.toThrow("refused");
    await expect(box.open(sealed, "default/other")).rejects.toThrow("do not open");
  });

  it("take over from the environment's key, which still opens", async () => {
    const masterKey = key();
    const old = await createSecretBox(settings({ masterKey }), null, Date.now).seal({ password: "p" }, "default/shop");
    const box = createSecretBox(settings({ masterKey }), memoryKms(), Date.now);
    expect(await box.open(old, "default/shop")).toEqual({ password: "p" });
    expect((await box.seal({ password: "p" }, "default/shop")).keyId).toBe("kms:key-1");
  });
});

describe("the production stage", () => {
  it("refuses the environment's key unless told otherwise", async () => {
    const masterKey = key();
    expect(() => createSecretBox(settings({ masterKey }, "prod"), null, Date.now)).toThrow("SLUICE_KMS_KEY_ID");
    const allowed = settings({ masterKey, allowEnvironmentKey: true }, "prod");
    const sealed = await createSecretBox(allowed, null, Date.now).seal({ password: "p" }, "a");
    const withKms = createSecretBox(settings({ masterKey }, "prod"), memoryKms(), Date.now);
    await expect(withKms.open(sealed, "a")).rejects.toThrow();
  });
});
