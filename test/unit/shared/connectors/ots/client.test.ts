import { afterEach, describe, expect, it, vi } from "vitest";
import { connectOts } from "../../../../../shared/connectors/ots/client.js";
import type { OtsSource } from "../../../../../shared/connectors/ots/source.js";

const source: OtsSource = { endpoint: "http://127.0.0.1:9", instanceName: "i", authType: "RamRole" };

afterEach(() => vi.unstubAllEnvs());

describe("connectOts", () => {
  it("uses the role of the function, and says so when there is none", () => {
    vi.stubEnv("ALIBABA_CLOUD_ACCESS_KEY_ID", "");
    const { signal } = new AbortController();
    expect(() => connectOts(source, signal)).toThrow(/authType RamRole: this function has no role/);
    vi.stubEnv("ALIBABA_CLOUD_ACCESS_KEY_ID", "id");
    vi.stubEnv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret");
    connectOts(source, signal).close();
  });

  it("does not even start a call after an abort", async () => {
    const abort = new AbortController();
    const client = connectOts({ ...source, authType: "Ak", accessId: "a", accessKey: "b" }, abort.signal);
    abort.abort();
    await expect(client.listTable()).rejects.toMatchObject({ code: "CANCELLED" });
    client.close();
    client.close();
  });
});
