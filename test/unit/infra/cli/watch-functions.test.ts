import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, vi } from "vitest";
import { watchFunctions } from "../../../../infra/cli/watch-functions.js";

it("tells once when a build has put another folder in the place of the functions, and nothing after its end", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "sluice-watch-"));
  const functions = path.join(folder, "functions");
  const build = async (text: string) => {
    await mkdir(`${functions}.new`);
    await writeFile(path.join(`${functions}.new`, "api.js"), text);
    await rm(functions, { recursive: true, force: true });
    await rename(`${functions}.new`, functions);
  };
  await build("one");
  const changed = vi.fn();
  const end = watchFunctions(functions, changed);
  await new Promise((resolve) => setTimeout(resolve, 1300));
  expect(changed).not.toHaveBeenCalled();
  await build("two");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), 4000);
  end();
  await build("three");
  await new Promise((resolve) => setTimeout(resolve, 1300));
  expect(changed).toHaveBeenCalledTimes(1);
  await rm(folder, { recursive: true });
});
