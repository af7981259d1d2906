import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { deployedName, programs } from "../../../../shared/platform/functions.js";

const root = path.resolve(import.meta.dirname, "../../../..");

it("the table of functions has those that are built and those that are deployed, and no other", () => {
  expect([...programs].sort()).toEqual(readdirSync(path.join(root, "functions")).sort());
  const { resources } = parse(readFileSync(path.join(root, "s.yaml"), "utf8"));
  const handlers = Object.values<{ props: { handler: string } }>(resources).map(({ props }) => props.handler);
  expect([...new Set(handlers)].sort()).toEqual(programs.map((name) => `${name}.handler`).sort());
  expect(deployedName("dev", "shard")).toBe("sluice-dev-shard");
});
