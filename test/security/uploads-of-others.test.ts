import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Caller, newWorkspace } from "../e2e/source-workspaces.js";
import { job, startSluice, type TestSluice } from "../servers/sluice.js";

let sluice: TestSluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

const bucket = "sluice-dev-landing";
const script = job(["stream", { column: [{ value: "a", type: "string" }], sliceRecordCount: 1 }], ["stream", {}]);

function subscribe(call: Caller, name: string, prefix: string, from = bucket) {
  return call("PUT", `/v1/jobs/${name}`, { script, subscription: { bucket: from, prefix, suffix: "" } });
}

/** The keys that runs of a job were started for. */
async function heard(call: Caller, name: string): Promise<string[]> {
  const { body } = await call("GET", `/v1/runs?job=${name}`);
  return body.items.map(({ trigger }: { trigger: { key: string } }) => trigger.key).sort();
}

describe("the landing bucket", () => {
  it("tells a workspace of uploads below its own prefix, and of others by a grant alone", async () => {
    const [one, other] = [await newWorkspace(sluice, "basic"), await newWorkspace(sluice, "basic")];
    const of = (name: string) => `landing/${name}/`;
    // Whatever reaches further than one's own prefix is refused, the empty one and a name that only begins alike included.
    for (const prefix of [
      "",
      "landing/",
      "landing/x",
      of(other.name),
      `landing/${one.name}`,
      `landing/${one.name}x/`,
    ]) {
      const answer = await subscribe(one.call, "spy", prefix);
      expect([prefix, answer.status, answer.body.code]).toEqual([prefix, 403, "FORBIDDEN"]);
      expect(answer.text).toContain(of(one.name));
    }
    expect((await subscribe(one.call, "spy", "in/", "of-the-installation")).status).toBe(403);
    expect((await subscribe(one.call, "own", of(one.name))).status).toBe(201);
    expect((await subscribe(other.call, "own", of(other.name))).status).toBe(201);
    // The default workspace has what belongs to nobody else.
    expect((await subscribe(sluice.call, "rest", "landing/")).status).toBe(201);
    expect((await subscribe(sluice.call, "spy", of(one.name))).status).toBe(403);

    const grant = `/v1/workspaces/${one.name}/upload-grants`;
    const place = { bucket, prefix: of(other.name) };
    expect((await one.call("PUT", grant, place)).status).toBe(403);
    expect((await sluice.call("PUT", grant, place)).body).toMatchObject({ name: one.name, uploadGrants: [place] });
    expect((await subscribe(one.call, "granted", `${of(other.name)}in/`)).status).toBe(201);

    const landing = await sluice.bucket(bucket);
    for (const key of [`${of(one.name)}a`, `${of(other.name)}in/b`, "landing/nobody/c", "landing/d"])
      await landing.put(key, Buffer.from("x"));
    await expect.poll(() => heard(sluice.call, "rest"), { timeout: 60_000 }).toEqual(["landing/d", "landing/nobody/c"]);
    await expect.poll(() => heard(one.call, "granted"), { timeout: 60_000 }).toEqual([`${of(other.name)}in/b`]);
    await expect.poll(() => heard(other.call, "own"), { timeout: 60_000 }).toEqual([`${of(other.name)}in/b`]);
    await expect.poll(() => heard(one.call, "own"), { timeout: 60_000 }).toEqual([`${of(one.name)}a`]);

    // A grant that was taken back counts at the next upload, whatever is stored.
    const query = new URLSearchParams(place).toString();
    expect((await sluice.call("DELETE", `${grant}?${query}`)).body.uploadGrants).toEqual([]);
    await landing.put(`${of(other.name)}in/late`, Buffer.from("x"));
    const late = [`${of(other.name)}in/b`, `${of(other.name)}in/late`];
    await expect.poll(() => heard(other.call, "own"), { timeout: 60_000 }).toEqual(late);
    expect(await heard(one.call, "granted")).toEqual([`${of(other.name)}in/b`]);
  });
});
