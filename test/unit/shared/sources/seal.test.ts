import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { environmentSecretBox } from "../../../../shared/sources/seal.js";

const key = () => randomBytes(32).toString("base64");

describe("sealed secrets", () => {
  it("open with the key and the name they were sealed for", () => {
    const box = environmentSecretBox(key());
    const sealed = box.seal({ password: "pässword" }, "default/shop");
    expect(JSON.stringify(sealed)).not.toContain("ssword");
    expect(box.open(sealed, "default/shop")).toEqual({ password: "pässword" });
  });

  it("do not open for another object, with another key, or after a change", () => {
    const box = environmentSecretBox(key());
    const sealed = box.seal({ password: "p" }, "default/shop");
    expect(() => box.open(sealed, "default/other")).toThrow("do not open");
    expect(() => environmentSecretBox(key()).open(sealed, "default/shop")).toThrow("do not open");
    expect(() => box.open({ ...sealed, data: Buffer.from("tampered").toString("base64") }, "default/shop")).toThrow(
      "do not open",
    );
  });

  it("want a key of 32 bytes and say how to make one", () => {
    expect(() => environmentSecretBox("c2hvcnQ=")).toThrow("openssl rand -base64 32");
  });
});
