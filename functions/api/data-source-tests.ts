import { z } from "zod";
import { json } from "../../shared/http/response.js";
import { parseBody, type Route } from "../../shared/http/router.js";
import { checkStep, testedConnection } from "../../shared/looks/look-orders.js";
import { type TestTarget, testProperties, testSources, testTarget } from "../../shared/looks/test-source.js";
import type { JsonObject } from "../../shared/model/json.js";
import { type SourceEnvironment, sourceEnvironments, type Workspace } from "../../shared/model/workspace.js";
import { getVisible } from "../../shared/sources/find-source.js";
import { draftEnvironment } from "../../shared/sources/workspaces.js";
import { batchNames, eachOf, itemError, itemProblem } from "./batches.js";
import { nameText } from "./bounded.js";
import type { ApiContext } from "./context.js";
import { environmentSchema, homeOf, propertiesSchema } from "./data-sources.js";
import { demandLook } from "./records.js";

/** Also tests whether the data source can be written. */
const write = z.boolean().default(false);
const testBody = z.object({ environment: environmentSchema.optional(), write });
const unsavedBody = z.object({
  type: nameText("expected a type such as mysql"),
  properties: propertiesSchema.default({}),
  resourceGroup: nameText().min(1).nullable().default(null),
  write,
});
const batchBody = z.object({ names: batchNames, environment: environmentSchema.optional(), write });

const testAnswer = z
  .object({ ok: z.boolean(), environment: z.enum(sourceEnvironments), steps: z.array(checkStep) })
  .meta({ id: "ConnectionTest" });

/** Test the connections of data sources, from where the shards of their resource groups run. */
export const dataSourceTestRoutes: readonly Route<ApiContext>[] = [
  {
    method: "POST",
    path: "/v1/data-sources/{name}/test",
    role: "developer",
    summary: "Test the connection of a data source",
    body: testBody,
    answer: testAnswer,
    async handle(request, { name = "" }, context) {
      const { environment, write: wanted } = parseBody(request, testBody);
      const target = await targetOf(context, name, environment);
      const [report] = await testSources(context.services, context.workspace, [target], { write: wanted });
      if (report instanceof Error) throw report;
      return json(200, report);
    },
  },
  {
    method: "POST",
    path: "/v1/data-source-tests",
    role: "admin",
    summary: "Test connection properties before they are saved",
    body: unsavedBody,
    answer: testedConnection,
    async handle(request, _names, { services, workspace, audit }) {
      const { properties, write: wanted, ...rest } = parseBody(request, unsavedBody);
      // The properties may be anything, secrets among them.
      await audit({ action: "dataSource.test", object: "data-source-tests", after: { type: rest.type } });
      const unsaved = { ...rest, workspace, properties: properties as JsonObject };
      return json(200, await testProperties(services, unsaved, { write: wanted }));
    },
  },
  {
    method: "POST",
    path: "/v1/data-source-batches/test",
    role: "developer",
    summary: "Test the connections of many data sources; one result each",
    body: batchBody,
    answer: z.object({ items: z.array(z.union([z.object({ name: z.string(), ...testAnswer.shape }), itemProblem])) }),
    async handle(request, _names, context) {
      const { names, environment, write: wanted } = parseBody(request, batchBody);
      return json(200, { items: await testBatch(context, names, { environment, write: wanted }) });
    },
  },
];

async function testBatch(
  context: ApiContext,
  names: readonly string[],
  { environment, write: wanted }: { environment: SourceEnvironment | undefined; write: boolean },
) {
  const found = await eachOf(names, async (name): Promise<{ name: string; target: TestTarget | Error }> => {
    try {
      return { name, target: await targetOf(context, name, environment) };
    } catch (error) {
      return { name, target: error instanceof Error ? error : new Error(String(error)) };
    }
  });
  const targets = found.flatMap(({ target }) => (target instanceof Error ? [] : [target]));
  const reports = await testSources(context.services, context.workspace, targets, { write: wanted });
  return found.map(({ name, target }) => {
    const report = target instanceof Error ? target : reports[targets.indexOf(target)];
    return report instanceof Error ? itemError(name, report, context.services.log) : { name, ...report };
  });
}

async function targetOf(context: ApiContext, name: string, given: SourceEnvironment | undefined): Promise<TestTarget> {
  const source = await getVisible(context.services, context.workspace, name);
  const home = await homeOf(context);
  const environment = testedEnvironment(home, given, Object.keys(source.record.definitions));
  demandLook(context.caller, home, environment);
  await context.audit({ action: "dataSource.test", object: `data-source/${name}`, after: { environment } });
  return testTarget(source, environment);
}

/** The environment asked for, else the one of drafts, else the only one there is. */
function testedEnvironment(
  home: Workspace,
  given: SourceEnvironment | undefined,
  configured: readonly string[],
): SourceEnvironment {
  if (given) return home.mode === "basic" ? "production" : given;
  const first = draftEnvironment(home);
  return configured.includes(first) ? first : "production";
}
