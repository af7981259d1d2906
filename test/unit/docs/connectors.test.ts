import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { describeConnector } from "../../../shared/connectors/describe.js";
import { connectorNames, loadConnector } from "../../../shared/connectors/registry.js";
import { connectorPage, indexPage } from "./connector-page.js";
import { root } from "./documents.js";

const folder = path.join(root, "docs/connectors");
const connectors = (await Promise.all(connectorNames().map(loadConnector))).map(describeConnector);
const pages = new Map([
  ["README.md", indexPage(connectors)],
  ...connectors.map((connector) => [`${connector.type}.md`, connectorPage(connector)] as const),
]);

it("every connector has a page that tells its fields; SLUICE_WRITE_DOCS=1 writes them anew", () => {
  if (process.env.SLUICE_WRITE_DOCS === "1") {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of pages) writeFileSync(path.join(folder, name), text);
  }
  expect(readdirSync(folder).sort()).toEqual([...pages.keys()].sort());
  for (const [name, text] of pages) expect(readFileSync(path.join(folder, name), "utf8"), name).toBe(text);
});
